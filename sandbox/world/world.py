"""The simulated world in memory: the account, its numbers and templates, the customers, what happened."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.ids import digits_of_phone, phone_of
from sandbox.limits import UniqueCustomers
from sandbox.world.facts import AccountEvent, Customer, Fact, Incoming, Outgoing, is_status
from sandbox.world.message_template import Template


@dataclass
class Channel:
    """A WhatsApp number of the simulated account."""

    id: str
    display_phone_number: str = "+91 22 6900 1234"
    verified_name: str = "Sahyadri Holidays"
    quality_rating: str = "GREEN"
    status: str = "CONNECTED"
    name_status: str = "APPROVED"
    throughput_level: str = "STANDARD"

    @property
    def digits(self) -> str:
        """The number as webhooks write it."""
        return digits_of_phone(self.display_phone_number) or ""


@dataclass
class World:
    """Everything the sandbox remembers. Written to by the store alone, so that the files agree with it."""

    channels: dict[str, Channel]
    templates: dict[str, Template] = field(default_factory=dict)
    media: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscribed: bool = True
    customers: dict[str, Customer] = field(default_factory=dict)  # the one active last stands last
    facts: list[Fact] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)
    incoming: dict[str, Incoming] = field(default_factory=dict)
    unique: UniqueCustomers = field(default_factory=UniqueCustomers)
    counts: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)

    def template_of(self, name: str, language: str) -> Template | None:
        """The template of a name in a language."""
        return next((one for one in self.templates.values() if one.key == (name, language)), None)

    def customer(self, key: str) -> Customer:
        """The customer of a phone (digits) or a user id; a stranger becomes known by being asked for."""
        phone = digits_of_phone(key) or phone_of(key)
        key = phone or key
        customer = self.customers.get(key)
        if customer is None:
            customer = self.customers[key] = Customer(key, phone)
        return customer

    def find_customer(self, key: str) -> Customer | None:
        """The customer of a phone (with or without `+`) or a user id, if there is one."""
        return self.customers.get(digits_of_phone(key) or phone_of(key) or key)

    def latest_customers(self, containing: str = "") -> Iterator[Customer]:
        """Customers with the latest activity first, only those whose number or name contains the text."""
        wanted = containing.casefold().removeprefix("+")
        for customer in reversed(self.customers.values()):
            if wanted in customer.key.casefold() or wanted in customer.name.casefold():
                yield customer

    def messages_to(self, key: str | None) -> Iterable[Outgoing]:
        """Accepted messages in the order of acceptance, of one customer or of all."""
        if not key:
            return self.outgoing
        customer = self.find_customer(key)
        entries = customer.entries if customer else []
        return (entry for entry in entries if isinstance(entry, Outgoing))

    def add(self, fact: Fact) -> None:
        """Let a fact count; its `n` is its place among the facts."""
        self.facts.append(fact)
        self.counts["pending"] += len(fact.open_steps())
        if isinstance(fact, AccountEvent):
            return
        customer = fact.customer
        customer.entries.append(fact)
        self.customers[customer.key] = self.customers.pop(customer.key)
        if isinstance(fact, Incoming):
            customer.last_wrote_at = fact.at
            self.incoming[fact.id] = fact
        else:
            self.outgoing.append(fact)
            if fact.counts:
                self.unique.add(customer.key, fact.accepted_at)

    def settle(self, n: int, step: int) -> bool:
        """Mark a step of a fact as told; False when it was already."""
        fact, bit = self.facts[n], 1 << step
        if fact.done & bit:
            return False
        fact.done |= bit
        self.counts["pending"] -= 1
        if isinstance(fact, Outgoing) and is_status(fact.steps[step]):
            self.counts["statuses_sent"] += 1
        return True

    def untold(self) -> Iterator[tuple[Fact, int]]:
        """Every step of every fact that is still to be told, e.g. after a restart."""
        for fact in self.facts:
            yield from itertools.product((fact,), fact.open_steps())

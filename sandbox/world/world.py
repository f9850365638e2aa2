"""The simulated world in memory: the account, its numbers and templates, the customers, what happened."""

import itertools
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.ids import digits_of_phone, phone_of
from sandbox.limits import UniqueCustomers
from sandbox.world.facts import AccountEvent, Customer, Fact, Incoming, Outgoing, is_status
from sandbox.world.message_template import Template
from sandbox.world.payments import Payments
from sandbox.world.shop import Shop


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
    pin: str | None = None
    wrong_pins: list[float] = field(default_factory=list)  # when a wrong one was tried
    is_cart_enabled: bool = True
    is_catalog_visible: bool = False

    @property
    def digits(self) -> str:
        """The number as webhooks write it."""
        return digits_of_phone(self.display_phone_number) or ""


@dataclass
class Account:
    """What Meta decided about the business account. `refusal` is the error code every send meets while the
    account is restricted (368) or banned (131031)."""

    refusal: int | None = None
    refusal_until: float | None = None
    review_status: str = "APPROVED"

    def refuses(self, now: float) -> int | None:
        """The code a send is refused with at that moment, if it is."""
        is_over = self.refusal_until is not None and now >= self.refusal_until
        return None if is_over else self.refusal


def month_of(moment: float) -> str:
    """The month whose free messages a moment uses up."""
    return time.strftime("%Y-%m", time.gmtime(moment))


@dataclass
class World:
    """Everything the sandbox remembers. Written to by the store alone, so that the files agree with it."""

    channels: dict[str, Channel]
    account: Account = field(default_factory=Account)
    templates: dict[str, Template] = field(default_factory=dict)
    media: dict[str, dict[str, Any]] = field(default_factory=dict)
    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)  # resumable ones, by session
    blocked_names: dict[str, float] = field(default_factory=dict)  # of deleted templates, until when
    app_subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)  # by object
    has_insights: bool = False
    subscribed: bool = True
    shop: Shop = field(default_factory=Shop)
    payments: Payments = field(default_factory=Payments)
    orders: dict[str, str] = field(default_factory=dict)  # status by the reference of an order_details message
    paid_orders: dict[str, int] = field(default_factory=dict)  # minor units captured, by reference
    service_messages: Counter[str] = field(default_factory=Counter)  # free-form ones by month
    customers: dict[str, Customer] = field(default_factory=dict)  # the one active last stands last
    aliases: dict[str, str] = field(default_factory=dict)  # a user id given by hand: the customer's key
    facts: list[Fact] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)
    incoming: dict[str, Incoming] = field(default_factory=dict)
    unique: UniqueCustomers = field(default_factory=UniqueCustomers)
    counts: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)

    def template_of(self, name: str, language: str) -> Template | None:
        """The template of a name in a language."""
        return next((one for one in self.templates.values() if one.key == (name, language)), None)

    def mime_type_of(self, handle: str) -> str | None:
        """What was uploaded under a handle; None for a handle that was not made here."""
        return next((one["file_type"] for one in self.uploads.values() if one.get("handle") == handle), None)

    def customer(self, key: str) -> Customer:
        """The customer of a phone (digits) or a user id; a stranger becomes known by being asked for."""
        key = self.aliases.get(key, key)
        phone = digits_of_phone(key) or phone_of(key)
        key = phone or key
        customer = self.customers.get(key)
        if customer is None:
            customer = self.customers[key] = Customer(key, phone)
        return customer

    def change_customer(self, key: str, becomes: dict[str, Any], phone: str | None = None) -> Customer:
        """Let a customer be otherwise; a new number takes the conversation along and leaves the old one
        without a WhatsApp account."""
        customer = self.customer(key)
        if phone:
            self.customers.pop(customer.key)
            self.customers.pop(phone, None)
            if customer.phone:
                self.customer(customer.phone).is_gone = True
            self.aliases.pop(customer.user_id, None)
            customer.given_user_id = None  # the id belongs to the number
            customer.key = customer.phone = phone
            self.customers[phone] = customer
        for name, value in becomes.items():
            setattr(customer, name, value)
        if customer.given_user_id:
            self.aliases[customer.given_user_id] = customer.key
        return customer

    def find_customer(self, key: str) -> Customer | None:
        """The customer of a phone (with or without `+`) or a user id, if there is one."""
        key = self.aliases.get(key, key)
        return self.customers.get(digits_of_phone(key) or phone_of(key) or key)

    def latest_customers(self, containing: str = "") -> Iterator[Customer]:
        """Customers with the latest activity first, only those whose number or name contains the text.
        A number that was given up and never written to since is nobody's."""
        wanted = containing.casefold().removeprefix("+")
        for customer in reversed(self.customers.values()):
            told = f"{customer.key} {customer.name} {customer.username or ''}"
            if wanted in told.casefold() and (customer.entries or not customer.is_gone):
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
            customer.is_gone = False  # whoever writes has an account
            if fact.body["type"] != "system":
                customer.last_wrote_at = fact.at
            self.incoming[fact.id] = fact
        else:
            self.outgoing.append(fact)
            if fact.category == "service" and fact.kind != "reaction":
                self.service_messages[month_of(fact.accepted_at)] += 1
            if fact.order:
                self.orders.update((fact.order,))
            if fact.counts:
                self.unique.add(customer.key, fact.accepted_at)

    def forget(self) -> None:
        """Everything that happened, and everything made by hand; the numbers stay."""
        fresh = World({one: Channel(one) for one in self.channels}, shop=self.shop, payments=self.payments)
        self.__dict__.update(fresh.__dict__)

    def add_step(self, n: int, step: str, offset: int) -> None:
        """One thing more follows a message, so many milliseconds after its acceptance."""
        message = self.facts[n]
        if isinstance(message, Outgoing):
            message.steps, message.offsets = (*message.steps, step), (*message.offsets, offset)
            self.counts["pending"] += 1

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

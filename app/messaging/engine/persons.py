"""Who it is that wrote: Meta's user id first, the phone second; nobody is made twice, whoever moves stays one.

Whoever asks holds the digestion's lock (`inbound.hold`), so that no two workers decide about one person at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, text

from app.customers.models import Customer
from app.customers.service import people
from app.customers.service.spellings import spellings
from app.extensions import db
from app.messaging.models import Direction, Message
from app.meta.payloads import Move, StatusEvent

USERNAME = "whatsapp_username"  # among a customer's attributes


@dataclass(frozen=True, slots=True)
class Identity:
    """What Meta says of a person, at that time. `phone` is digits without "+"; it or `user_id` may be missing."""

    phone: str | None
    user_id: str | None
    at: datetime
    name: str | None = None
    username: str | None = None

    @property
    def numbers(self) -> list[str]:
        """The E.164 spellings of the phone, the one to keep first; none where it is no number."""
        is_number = self.phone and self.phone.isascii() and self.phone.isdigit()
        return spellings(self.phone) if self.phone and is_number else []

    @property
    def is_somebody(self) -> bool:
        """Whether it names anybody whom we could know again."""
        return bool(self.user_id or self.numbers)


@dataclass(frozen=True, slots=True)
class _Departure:
    """A phone that somebody gave up at that time."""

    customer_id: int
    at: datetime


class Book:
    """The customers behind a batch of identities, read in one go and locked until the commit."""

    def __init__(self, identities: Iterable[Identity]) -> None:
        identities = list(identities)
        self._phones: dict[str, Customer] = {}
        self._users: dict[str, Customer] = {}
        self._became: dict[Customer, Customer] = {}
        numbers = {number for identity in identities for number in identity.numbers}
        users = {identity.user_id for identity in identities if identity.user_id}
        known = or_(Customer.phone.in_(numbers), Customer.user_id.in_(users))
        # In the order of ids, so that whoever else locks several customers cannot deadlock with us.
        query = select(Customer).where(known).order_by(Customer.id).with_for_update(key_share=True)
        for customer in db.session.scalars(query.execution_options(populate_existing=True)):
            self._index(customer)
        self._departures = _departures(numbers - self._phones.keys())

    def person(self, identity: Identity) -> Customer:
        """The customer this is, made when nobody knows them; what is new about them is learned."""
        by_user, by_phone = self._by_user(identity.user_id), self._by_phone(identity)
        if by_user and by_phone and by_user is not by_phone:
            return self._reconciled(by_user, by_phone, identity)
        found = by_user or by_phone
        if found is None and (gone := self._departed(identity)):
            return gone
        return self._learn(found or self._made(identity), identity)

    def move(self, move: Move, at: datetime) -> Customer:
        """The person who moved, with their new number and id; whoever is known by these already is the same person."""
        person = self._by_user(move.old_user_id) or self._by_phone(Identity(move.old_phone, None, at))
        new = Identity(move.new_phone, move.new_user_id, at)
        further = self._departed(new)
        known = (self._by_user(move.new_user_id), self._by_phone(new), further)
        for other in {other.id: other for other in known if other}.values():
            person = self._same(person, other, move)
        person = person or self._made(new)
        if further is None:
            self._rename(person, new)
        return person

    def now(self, customer: Customer) -> Customer:
        """Who this customer is since others of the batch proved to be the same person."""
        while customer in self._became:
            customer = self._became[customer]
        return customer

    def _same(self, person: Customer | None, other: Customer, move: Move) -> Customer:
        if person is None or person is other:
            return other
        if other.user_id and move.new_user_id and other.user_id != move.new_user_id:
            self._take_phone(other)  # its owner before; they are somebody else
            return person
        return self._merged(person, other)

    def _reconciled(self, by_user: Customer, by_phone: Customer, identity: Identity) -> Customer:
        """Two customers, one by the id, one by the phone: the same person, unless the phone is known as another's."""
        if by_phone.user_id is None:
            return self._learn(self._merged(by_phone, by_user), identity)
        if _is_news(by_phone, identity):
            self._take_phone(by_phone)
            return self._learn(by_user, identity)
        return by_user

    def _merged(self, into: Customer, gone: Customer) -> Customer:
        _join_conversations(into.id, gone.id)
        people.merge(into, gone)
        self._became[gone] = into
        for known in (self._phones, self._users):
            for key in [key for key, customer in known.items() if customer is gone]:
                known[key] = into
        self._index(into)
        return into

    def _made(self, identity: Identity) -> Customer:
        phone = next(iter(identity.numbers), None)
        customer = Customer(phone=phone, user_id=identity.user_id, attributes={}, tags=[], marketing_opt_in=False)
        db.session.add(customer)
        return self._index(customer)

    def _learn(self, person: Customer, identity: Identity) -> Customer:
        """What is missing is filled in; what contradicts counts when it is newer. A name is never replaced."""
        numbers, is_news = identity.numbers, _is_news(person, identity)
        if identity.user_id and (person.user_id is None or is_news):
            person.user_id = identity.user_id
        if numbers and person.phone not in numbers and (person.phone is None or is_news):
            person.phone = numbers[0]
        person.name = person.name or identity.name or identity.username
        if identity.username and is_news and person.attributes.get(USERNAME) != identity.username:
            person.attributes = person.attributes | {USERNAME: identity.username}
        return self._index(person)

    def _rename(self, person: Customer, new: Identity) -> None:
        numbers = new.numbers
        person.user_id = new.user_id or person.user_id
        if numbers and person.phone not in numbers:
            self._phones = {number: customer for number, customer in self._phones.items() if customer is not person}
            person.phone = numbers[0]
        self._index(person)

    def _take_phone(self, customer: Customer) -> None:
        """Only of somebody who can be reached by their id."""
        self._phones = {number: owner for number, owner in self._phones.items() if owner is not customer}
        customer.phone = None
        db.session.flush()  # before anybody else gets it

    def _departed(self, identity: Identity) -> Customer | None:
        """Who had this number at that time and told us since that they have another."""
        leaving = (self._departures.get(number) for number in identity.numbers)
        found = next((departure for departure in leaving if departure and departure.at >= identity.at), None)
        return db.session.get(Customer, found.customer_id) if found else None

    def _by_user(self, user_id: str | None) -> Customer | None:
        return self._users.get(user_id) if user_id else None

    def _by_phone(self, identity: Identity) -> Customer | None:
        return next((self._phones[number] for number in identity.numbers if number in self._phones), None)

    def _index(self, customer: Customer) -> Customer:
        if customer.phone:
            self._phones[customer.phone] = customer
        if customer.user_id:
            self._users[customer.user_id] = customer
        return customer


def learn_user_ids(statuses: Iterable[StatusEvent]) -> None:
    """A delivery proves whose id belongs to a number: customers known by their number alone get theirs.

    Later they may hide the number, and then only the id tells who writes.
    """
    pairs = {
        f"+{status.recipient_id}": status.recipient_user_id
        for status in statuses
        if status.status == "delivered" and status.recipient_id and status.recipient_user_id
    }
    if pairs:
        db.session.execute(_LEARN, {"numbers": list(pairs), "users": list(pairs.values())})


def _is_news(customer: Customer, identity: Identity) -> bool:
    return customer.last_inbound_at is None or identity.at >= customer.last_inbound_at


def _departures(numbers: Sequence[str] | set[str]) -> dict[str, _Departure]:
    """Of numbers nobody has: who gave them up, by the system messages they left behind."""
    if not numbers:
        return {}
    rows = db.session.execute(
        select(Message.phone, Message.customer_id, Message.sent_at)
        .where(Message.phone.in_(numbers), Message.direction == Direction.IN, Message.type == "system")
        .where(Message.customer_id.is_not(None))
        .where(Message.raw["system"]["type"].astext == "user_changed_number")
        .order_by(Message.sent_at)
    )
    return {row.phone: _Departure(row.customer_id, row.sent_at) for row in rows}


def _join_conversations(into: int, gone: int) -> None:
    db.session.flush()
    db.session.execute(_JOIN, {"into": into, "gone": gone})


# Whoever has that id already is the same person; they are joined when they write the next time.
_LEARN = text(
    """
    WITH told AS MATERIALIZED (
        SELECT DISTINCT ON (user_id) *
        FROM unnest(CAST(:numbers AS text[]), CAST(:users AS text[])) AS t(number, user_id) ORDER BY user_id),
    locked AS MATERIALIZED (
        SELECT c.id, t.user_id FROM told t JOIN customers c ON c.phone = t.number
        WHERE c.user_id IS NULL AND NOT EXISTS (SELECT 1 FROM customers o WHERE o.user_id = t.user_id)
        ORDER BY c.id FOR UPDATE OF c)
    UPDATE customers c SET user_id = locked.user_id, updated_at = statement_timestamp()
    FROM locked WHERE c.id = locked.id AND c.user_id IS NULL
    """
)
_JOIN = text(
    """
    WITH leaving AS (
        DELETE FROM conversations g USING conversations i
        WHERE g.customer_id = :gone AND i.customer_id = :into AND i.channel_id = g.channel_id RETURNING g.*)
    UPDATE conversations i SET unread = i.unread + l.unread, updated_at = statement_timestamp(),
        window_expires_at = greatest(i.window_expires_at, l.window_expires_at),
        last_message_at = greatest(i.last_message_at, l.last_message_at),
        status = CASE WHEN 'open' IN (i.status, l.status) THEN 'open' ELSE i.status END,
        assignee_id = coalesce(i.assignee_id, l.assignee_id)
    FROM leaving l WHERE i.customer_id = :into AND i.channel_id = l.channel_id
    """
)

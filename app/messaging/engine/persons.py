"""Who it is that wrote: Meta's user id first, the phone second; nobody is made twice, whoever moves stays one.

Whoever asks holds the digestion's lock (`inbound.hold`), so that no two workers decide about one person at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import or_, select, text

from app.customers.models import Customer
from app.customers.service import people, suppression
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
        self._departures = _departures({number for identity in identities for number in self._not_theirs(identity)})

    def person(self, identity: Identity) -> Customer:
        """The customer this is, made when nobody knows them; what is new about them is learned."""
        by_user = self._by_user(identity.user_id)
        if by_user is None and (departure := self._departure(identity)):
            return self._of(departure)
        identity = self._settled(identity)
        by_phone = self._by_phone(identity)
        if by_user and by_phone and by_user is not by_phone:
            if by_user.phone and not _is_news(by_user, identity):
                return by_user  # who has the number since may be anybody
            by_user = self._merged(by_phone, by_user)
        return self._learn(by_user or by_phone or self._made(identity), identity)

    def move(self, move: Move, at: datetime) -> Customer:
        """The person who moved, with their new number and id; whoever is known by these already is the same person."""
        old, new = Identity(move.old_phone, move.old_user_id, at), Identity(move.new_phone, move.new_user_id, at)
        person = self._by_user(old.user_id) or self._owner(old)
        if departure := self._departure(new):  # they have moved on since, and are known where they are now
            now = self._of(departure)
            return self._merged(now, person) if person and person is not now else now
        new = self._settled(new)
        for known in (self._by_user(new.user_id), self._by_phone(new)):
            other = self.now(known) if known else None
            if other is not None and other is not person:
                person = self._merged(person, other) if person else other
        return self._rename(person or self._made(new), new)

    def now(self, customer: Customer) -> Customer:
        """Who this customer is since others of the batch proved to be the same person."""
        while customer in self._became:
            customer = self._became[customer]
        return customer

    def _settled(self, identity: Identity) -> Identity:
        """The identity, with its number theirs: an owner with another id gives it up, or has it since then.

        Numbers are given to other people. Whoever has another id is somebody else, whatever the one before had said.
        """
        if not self._is_anothers(identity):
            return identity
        owner = self._by_phone(identity)
        assert owner is not None
        if not _is_news(owner, identity):
            return replace(identity, phone=None)
        self._take_phone(owner)
        return identity

    def _merged(self, into: Customer, gone: Customer) -> Customer:
        join_conversations(into.id, gone.id)
        people.merge(into, gone)
        self._became[gone] = into
        self._forget(gone)
        self._index(into)
        return into

    def _made(self, identity: Identity) -> Customer:
        phone = next(iter(identity.numbers), None)
        customer = Customer(phone=phone, user_id=identity.user_id, attributes={}, tags=[], marketing_opt_in=False)
        db.session.add(customer)
        return self._index(customer)

    def _learn(self, person: Customer, identity: Identity) -> Customer:
        """What is missing is filled in; what contradicts counts when it is newer. A name is never replaced."""
        is_news = _is_news(person, identity)
        self._address(
            person,
            identity.numbers if person.phone is None or is_news else [],
            identity.user_id if person.user_id is None or is_news else None,
        )
        person.name = person.name or identity.name or identity.username
        if identity.username and is_news and person.attributes.get(USERNAME) != identity.username:
            person.attributes = person.attributes | {USERNAME: identity.username}
        return person

    def _rename(self, person: Customer, new: Identity) -> Customer:
        before = person.phone, person.user_id
        self._address(person, new.numbers, new.user_id)
        suppression.keep_silent((*before, person.phone, person.user_id), "move")
        return person

    def _address(self, person: Customer, numbers: Sequence[str], user_id: str | None) -> None:
        """Let them have this number and id, as far as given; what they had before is free at once."""
        before = person.phone, person.user_id
        person.user_id = user_id or person.user_id
        if numbers and person.phone not in numbers:
            person.phone = numbers[0]
        if before != (person.phone, person.user_id):
            self._forget(person)
            self._index(person)
            db.session.flush()  # before anybody else gets it

    def _forget(self, person: Customer) -> None:
        self._phones = {number: owner for number, owner in self._phones.items() if owner is not person}
        self._users = {user: owner for user, owner in self._users.items() if owner is not person}

    def _take_phone(self, customer: Customer) -> None:
        """Only of somebody who can be reached by their id."""
        self._forget(customer)
        customer.phone = None
        self._index(customer)
        db.session.flush()  # before anybody else gets it

    def _departure(self, identity: Identity) -> _Departure | None:
        """The next that somebody told us of leaving this number after that time: they had it then."""
        told = (departure for number in self._not_theirs(identity) for departure in self._departures.get(number, ()))
        return next((departure for departure in told if departure.at >= identity.at), None)

    def _of(self, departure: _Departure) -> Customer:
        return self.now(db.session.get_one(Customer, departure.customer_id))

    def _not_theirs(self, identity: Identity) -> list[str]:
        """The spellings of a number that nobody has now, or somebody with another id."""
        return identity.numbers if self._owner(identity) is None else []

    def _owner(self, identity: Identity) -> Customer | None:
        """Who has the number now, unless that one has another id than the identity tells."""
        return None if self._is_anothers(identity) else self._by_phone(identity)

    def _is_anothers(self, identity: Identity) -> bool:
        owner = self._by_phone(identity)
        return bool(owner and owner.user_id and identity.user_id and owner.user_id != identity.user_id)

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


def learn_user_ids(statuses: Iterable[StatusEvent]) -> list[Identity]:
    """A delivery proves whose id belongs to a number: customers known by their number alone get theirs.

    Later they may hide the number, and then only the id tells who writes. Answers those whose id another customer has:
    both are the same person, whom a `Book` makes one.
    """
    told = {
        status.recipient_user_id: Identity(status.recipient_id, status.recipient_user_id, status.at)
        for status in sorted(statuses, key=_time)
        if status.status == "delivered" and status.recipient_id and status.recipient_user_id
    }
    if not told:
        return []
    pairs = [(number, user_id) for user_id, identity in told.items() for number in identity.numbers]
    parameters = {"numbers": [number for number, _ in pairs], "users": [user_id for _, user_id in pairs]}
    return [told[user_id] for user_id in db.session.scalars(_LEARN, parameters)]


def _time(status: StatusEvent) -> datetime:
    return status.at


def _is_news(customer: Customer, identity: Identity) -> bool:
    return customer.last_inbound_at is None or identity.at >= customer.last_inbound_at


def _departures(numbers: Iterable[str]) -> dict[str, list[_Departure]]:
    """Who gave these numbers up, the first first, by the system messages they left behind."""
    numbers = set(numbers)
    if not numbers:
        return {}
    rows = db.session.execute(
        select(Message.phone, Message.customer_id, Message.sent_at)
        .where(Message.phone.in_(numbers), Message.direction == Direction.IN, Message.type == "system")
        .where(Message.customer_id.is_not(None))
        .where(Message.raw["system"]["type"].astext == "user_changed_number")
        .order_by(Message.sent_at)
    )
    found: dict[str, list[_Departure]] = defaultdict(list)
    for row in rows:
        found[row.phone].append(_Departure(row.customer_id, row.sent_at))
    return found


def join_conversations(into: int, gone: int) -> None:
    """Of two customers (their ids) who are one, so that each channel has one conversation with them."""
    db.session.flush()
    db.session.execute(_JOIN, {"into": into, "gone": gone})


_LEARN = text(
    """
    WITH told AS MATERIALIZED (
        SELECT DISTINCT ON (number) *
        FROM unnest(CAST(:numbers AS text[]), CAST(:users AS text[])) AS t(number, user_id) ORDER BY number, user_id),
    locked AS MATERIALIZED (
        SELECT c.id, t.user_id FROM told t JOIN customers c ON c.phone = t.number
        WHERE c.user_id IS NULL AND NOT EXISTS (SELECT 1 FROM customers o WHERE o.user_id = t.user_id)
        ORDER BY c.id FOR UPDATE OF c),
    learned AS (
        UPDATE customers c SET user_id = locked.user_id, updated_at = statement_timestamp()
        FROM locked WHERE c.id = locked.id AND c.user_id IS NULL)
    SELECT DISTINCT t.user_id
    FROM told t JOIN customers u ON u.user_id = t.user_id LEFT JOIN customers p ON p.phone = t.number
    WHERE p.user_id IS NULL AND (u.phone IS NULL OR p.id IS NOT NULL) ORDER BY t.user_id
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

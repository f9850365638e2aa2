"""A person as they may be named anywhere: every number, id and address of theirs, and their full name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import func, or_, select

from app.auth import workspace
from app.auth.models import User
from app.customers.models import Customer
from app.customers.privacy import register
from app.customers.service.spellings import spellings
from app.extensions import db
from app.shared import phone
from app.shared.errors import Invalid


@dataclass(frozen=True, slots=True)
class Person:
    """Whom we speak of. `numbers` in E.164, in all their spellings; `former` ones nobody has any more.

    `names` are full ones that nobody else has; empty unless the words of others are to lose them, too.
    """

    customer_ids: tuple[int, ...] = ()
    numbers: tuple[str, ...] = ()
    user_ids: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where they can be written to."""
        return self.numbers + self.user_ids

    @property
    def all_numbers(self) -> tuple[str, ...]:
        return self.numbers + self.former

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of_json(cls, words: str) -> Person:
        """What `as_json` wrote down."""
        return cls(**{name: tuple(values) for name, values in json.loads(words).items()})


def person_of(customer: Customer) -> Person:
    """The person behind a customer."""
    return people_of([customer])


def people_of(customers: Sequence[Customer]) -> Person:
    """Several customers as if they were one: they are looked for together. At most some dozens at a time."""
    return _person([it.phone for it in customers if it.phone], [it.user_id for it in customers if it.user_id])


def person_at(address: str) -> Person:
    """Whoever has this phone number, as people write it, or this user id of Meta's; a customer or not.

    Raises `Invalid` for what is neither.
    """
    written = address.strip()
    if db.session.scalar(select(Customer.id).where(Customer.user_id == written)):
        return _person([], [written])
    try:
        return _person([phone.parse(written, workspace.current().default_region)], [])
    except phone.Unusable as reason:
        raise Invalid(f"This is no phone number and no WhatsApp id that we know: {reason}.", "address") from reason


def by_name_too(person: Person) -> Person:
    """The same person, to be found by their full name as well. One word alone is the name of many."""
    told = {" ".join(customer.name.split()) for customer in customers_of(person) if customer.name}
    full = {name for name in told if len([word for word in name.split() if len(word) > 1]) > 1}
    name = func.lower(Customer.name)
    others = select(name).where(name.in_([one.lower() for one in full]), Customer.id.not_in(person.customer_ids))
    team = select(func.lower(User.name))
    taken = set(db.session.scalars(others.union(team))) if full else set()
    return replace(person, names=tuple(sorted(one for one in full if one.lower() not in taken)))


def customers_of(person: Person) -> Sequence[Customer]:
    """The customers who are this person; two, where a number is known in two spellings."""
    known = or_(Customer.phone.in_(person.numbers), Customer.user_id.in_(person.user_ids))
    return db.session.scalars(select(Customer).where(known).order_by(Customer.id)).all()


def _person(phones: Sequence[str], user_ids: Sequence[str]) -> Person:
    """Each customer found may bring an address by which another one is found."""
    person = Person(numbers=_spelled(phones), user_ids=tuple(user_ids))
    while True:
        found = customers_of(person)
        known = Person(
            tuple(customer.id for customer in found),
            _spelled([*phones, *(customer.phone for customer in found if customer.phone)]),
            _unique([*user_ids, *(customer.user_id for customer in found if customer.user_id)]),
            _unique(customer.email.lower() for customer in found if customer.email),
        )
        if known.addresses == person.addresses:
            return replace(known, emails=_own_emails(known), former=_former(known))
        person = known


def _former(person: Person) -> tuple[str, ...]:
    """The numbers they had before, as long as nobody else has them now."""
    told = {number for room in register.rooms() for number in room.numbers(person)} - set(person.numbers)
    taken = set(db.session.scalars(select(Customer.phone).where(Customer.phone.in_(told))))
    return _unique(sorted(told - taken))


def _own_emails(person: Person) -> tuple[str, ...]:
    """Those that they share with nobody, neither a customer nor somebody of the team, who logs in with theirs."""
    email = func.lower(Customer.email)
    others = select(email).where(email.in_(person.emails), Customer.id.not_in(person.customer_ids))
    team = select(func.lower(User.email))
    shared = set(db.session.scalars(others.union(team))) if person.emails else set()
    return tuple(email for email in person.emails if email not in shared)


def _spelled(phones: Iterable[str]) -> tuple[str, ...]:
    return _unique(spelling for number in phones for spelling in spellings(number.removeprefix("+")))


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))

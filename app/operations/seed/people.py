"""About 500 demo customers with tags, cities and a consent ledger: most said yes, some took it back, a few nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as insert_unless_there

from app.customers.models import ConsentEntry, Customer
from app.extensions import db
from app.operations.seed import names

AT_HOME = 480
NEVER_ASKED, OPTED_OUT = 0.03, 0.08  # shares of everybody


@dataclass(frozen=True, slots=True)
class Person:
    """A demo customer. `asked_at` None: never asked; `left_at`: when the yes was taken back."""

    phone: str
    name: str
    city: str
    tags: list[str]
    email: str | None
    asked_at: datetime | None
    left_at: datetime | None
    yes: tuple[str, str]


def people(random: Random, now: datetime) -> list[Person]:
    """The same people for the same `random`, with times before `now`."""
    return [_person(random, now, phone, city) for phone, city in _phones(random)]


def settle(made: list[Person]) -> int:
    """Store those whose number is not known yet, each with its consent ledger; returns how many."""
    rows = [_customer(person) for person in made]
    statement = insert_unless_there(Customer).on_conflict_do_nothing(index_elements=["phone"])
    new = set(db.session.scalars(statement.returning(Customer.phone), rows))
    query = select(Customer.phone, Customer.id).where(Customer.phone.in_(new))
    ids = {row.phone: row.id for row in db.session.execute(query)}
    entries = [entry for person in made if person.phone in new for entry in _ledger(person, ids[person.phone])]
    if entries:
        db.session.execute(insert(ConsentEntry), entries)
    return len(new)


def _phones(random: Random) -> Iterator[tuple[str, str]]:
    taken: set[str] = set()
    for _ in range(AT_HOME):
        yield _number(random, f"+91{random.choice(names.OPERATORS)}", 5, taken), random.choice(names.CITIES)
    for phone in names.FAILING:
        yield phone, random.choice(names.CITIES)
    for beginning, digits, city, number in names.ABROAD:
        for _ in range(number):
            yield _number(random, beginning, digits, taken), city


def _number(random: Random, beginning: str, digits: int, taken: set[str]) -> str:
    """A number nobody of the demo has yet."""
    while (phone := f"{beginning}{random.randrange(10**digits):0{digits}d}") in taken:
        pass
    taken.add(phone)
    return phone


def _person(random: Random, now: datetime, phone: str, city: str) -> Person:
    name = f"{random.choice(names.FIRST)} {random.choice(names.LAST)}"
    fate = random.random() if phone not in names.FAILING else 1.0
    asked_at = now - timedelta(days=random.randint(40, 400), minutes=random.randrange(1440))
    left_at = (
        asked_at + timedelta(days=random.randint(1, 35)) if NEVER_ASKED <= fate < NEVER_ASKED + OPTED_OUT else None
    )
    address = f"{name.lower().replace(' ', '.').replace(chr(39), '')}@example.com"
    return Person(
        phone,
        name,
        city,
        random.sample(names.TAGS, k=random.choice((0, 1, 1, 1, 2, 2, 3))),
        address if random.random() < 0.6 else None,
        None if fate < NEVER_ASKED else asked_at,
        left_at,
        random.choice(names.YES),
    )


def _customer(person: Person) -> dict[str, object]:
    return {
        "phone": person.phone,
        "name": person.name,
        "city": person.city,
        "tags": person.tags,
        "email": person.email,
        "marketing_opt_in": person.asked_at is not None and person.left_at is None,
        "marketing_opt_in_at": person.asked_at,
        "marketing_opt_out_at": person.left_at,
    }


def _ledger(person: Person, customer_id: int) -> Iterator[dict[str, object]]:
    """The flag of the customer follows from these entries, as it does everywhere."""
    for at, granted, (source, wording) in ((person.asked_at, True, person.yes), (person.left_at, False, names.NO)):
        if at is not None:
            yield {"customer_id": customer_id, "granted": granted, "at": at, "source": source, "wording": wording}

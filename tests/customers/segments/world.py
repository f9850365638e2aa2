"""People with sales and letters, made at random from few values, so that conditions hit and miss them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert

from app.campaigns.models import Campaign
from app.customers.models import Customer, Sale
from app.customers.segments.spans import Vantage
from app.customers.service import suppression
from app.extensions import db
from app.messaging.models import Message, MessageState
from tests import factories

WORDS = ("Goa", "goa", "Bali", "South Bali", "100%", "a_b", "back\\slash", "it's", "मुंबई", "Über", "", "x/y")
TAGS = ("vip", "goa", "bali", "it's")
PARTS = ("Age", "interest", 'odd "name"', "a.b")
ATTRIBUTES = (
    "42",
    "-3.5",
    "1e5",
    "1,000",
    "٣",
    "Bali",
    "",
    " 7",
    "12345678901234567890",
    42,
    7.25,
    True,
    None,
    ["Goa"],
)
AMOUNTS = (Decimal("0.00"), Decimal("0.01"), Decimal("49999.99"), Decimal("50000.00"), Decimal("-120.50"))
NO_COLUMNS = ("sales", "letters", "is_suppressed")
CURRENCIES = ("INR", "INR", "INR", "USD")


@dataclass(frozen=True, slots=True)
class Bought:
    amount: Decimal
    currency: str
    category: str | None
    product: str | None
    sold_at: datetime
    starts_on: date | None


@dataclass(frozen=True, slots=True)
class Letter:
    campaign: UUID
    is_superseded: bool
    delivered_at: datetime | None
    read_at: datetime | None
    responded_at: datetime | None
    clicked_at: datetime | None


@dataclass(slots=True)
class Person:
    phone: str
    name: str | None
    email: str | None
    city: str | None
    zone: str | None
    locale: str | None
    attributes: dict[str, Any]
    tags: list[str]
    marketing_opt_in: bool
    marketing_opt_in_at: datetime | None
    marketing_opt_out_at: datetime | None
    last_inbound_at: datetime | None
    created_at: datetime
    user_id: str | None
    is_suppressed: bool
    sales: list[Bought] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)


class World:
    """So many people, stored; `vantage` is from where they are looked at."""

    def __init__(self, seed: int, vantage: Vantage, number: int = 60) -> None:
        self.dice, self.vantage = Random(seed), vantage
        template = factories.make_template()
        self.campaigns: list[Campaign] = [factories.make_campaign(template, name=f"C{n}") for n in range(3)]
        self.people = {}
        for n in range(number):
            person = self._person(n)
            self.people[self._store(person)] = person
        self._store_strays()
        self.days = sorted({self.day().isoformat() for _ in range(20)})
        db.session.commit()

    def day(self) -> date:
        """Often near today."""
        return self.vantage.today + timedelta(
            days=self.dice.choice((0, 0, 1, -1, 30, -30, self.dice.randint(-800, 800)))
        )

    def moment(self) -> datetime:
        """Often at the edge of a day or of a span."""
        local = self.vantage.now.astimezone(self.vantage.zone)
        edges = (time(0), time(23, 59, 59, 999999), local.time(), time(12))
        moment = datetime.combine(self.day(), self.dice.choice(edges), self.vantage.zone)
        return moment.astimezone(UTC)

    def _person(self, n: int) -> Person:
        word, moment = self._word, lambda: self.dice.choice((None, self.moment()))
        person = Person(
            phone=f"+9198{n:08d}",
            name=word(),
            email=word(),
            city=word(),
            zone=word(),
            locale=word(),
            attributes={part: self.dice.choice(ATTRIBUTES) for part in PARTS if self.dice.random() < 0.6},
            tags=self.dice.sample(TAGS, self.dice.randint(0, 3)),
            marketing_opt_in=self.dice.random() < 0.5,
            marketing_opt_in_at=moment(),
            marketing_opt_out_at=moment(),
            last_inbound_at=moment(),
            created_at=self.moment(),
            user_id=self.dice.choice((None, f"IN.{n}")),
            is_suppressed=self.dice.random() < 0.2,
        )
        person.sales = [self._sale() for _ in range(self.dice.choice((0, 0, 1, 1, 2, 4)))]
        person.letters = [self._letter() for _ in range(self.dice.choice((0, 1, 1, 2)))]
        return person

    def _word(self) -> str | None:
        return self.dice.choice((None, *WORDS))

    def _sale(self) -> Bought:
        starts_on = self.dice.choice((None, self.day()))
        dice = self.dice.choice
        return Bought(dice(AMOUNTS), dice(CURRENCIES), self._word(), self._word(), self.moment(), starts_on)

    def _letter(self) -> Letter:
        moments: list[datetime | None] = [self.moment() if self.dice.random() < 0.6 else None for _ in range(4)]
        if moments[1] and not moments[0]:
            moments[0] = moments[1]  # read implies delivered
        return Letter(self.dice.choice(self.campaigns).public_id, self.dice.random() < 0.2, *moments)

    def _store(self, person: Person) -> int:
        columns = {name: getattr(person, name) for name in Person.__slots__ if name not in NO_COLUMNS}
        if person.is_suppressed:  # by one of their addresses
            suppression.suppress([self.dice.choice([it for it in (person.phone, person.user_id) if it])], "banned")
        customer = Customer(**columns)
        db.session.add(customer)
        db.session.flush()
        db.session.add_all(Sale(customer_id=customer.id, source="form", **asdict(it)) for it in person.sales)
        db.session.add_all(self._message(it, customer.id) for it in person.letters)
        db.session.flush()
        return customer.id

    def _message(self, letter: Letter, customer_id: int | None) -> Message:
        told = asdict(letter)
        campaign_id = told.pop("campaign")
        campaign = next(it for it in self.campaigns if it.public_id == campaign_id)
        rank = 40 if letter.read_at else 30 if letter.delivered_at else 10
        return Message(
            channel_id=campaign.channel_id,
            campaign_id=campaign.id,
            customer_id=customer_id,
            type="template",
            state=MessageState.ACCEPTED,
            rank=rank,
            **told,
        )

    def _store_strays(self) -> None:
        """What belongs to nobody, as after an erasure, and messages of no campaign: they must not count."""
        sales = [asdict(self._sale()) | {"public_id": uuid4(), "source": "form"} for _ in range(5)]
        db.session.execute(insert(Sale), sales)
        db.session.add_all(self._message(self._letter(), None) for _ in range(5))
        loose = [self._message(self._letter(), customer_id) for customer_id in self.people]
        for message in loose:
            message.campaign_id = None
        db.session.add_all(loose)

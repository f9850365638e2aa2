"""Recipients by the thousand with every kind of trouble, and for each what must become of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select, text

from app.campaigns.models import Campaign, Recipient
from app.customers.models import Customer
from app.customers.service import suppression
from app.extensions import db
from app.messaging.models import Message, MessageState, SkipReason, WaitReason
from app.shared import clock

CHUNK = 5_000
GOES = "goes"
MARKETING = {"category": "MARKETING", "state": MessageState.ACCEPTED, "rank": 30, "is_trial": False}
NO = {"marketing_opt_in": False, "marketing_opt_out_at": datetime(2026, 1, 1, tzinfo=UTC)}
YES = {"name": "Asha", "marketing_opt_in": True, "marketing_opt_out_at": None, "zone": None}


def india(n: int) -> str:
    return f"+9198{n:08d}"


def elsewhere_in_india(n: int) -> str:
    return f"+9197{n:08d}"


@dataclass(frozen=True, slots=True)
class Kind:
    """What is the matter with somebody and what must become of them.

    `customer` are columns beside those of a willing one (None: nobody knows them); `moved_to` is the number they have
    since; `got` is what they were sent, hours ago; `is_double`: the same customer as the one before them.
    """

    fate: str
    customer: dict[str, Any] | None
    number: Callable[[int], str | None] = india
    moved_to: Callable[[int], str] | None = None
    got: tuple[tuple[float, dict[str, Any]], ...] = ()
    is_suppressed: bool = False
    is_double: bool = False


ONCE, TWICE = ((30, MARKETING),), ((30, MARKETING), (90, MARKETING))
KINDS = (
    Kind(GOES, {}),
    Kind(SkipReason.DUPLICATE, None, elsewhere_in_india, is_double=True),
    Kind(GOES, {}, lambda n: f"+44791{n:07d}"),
    Kind(GOES, {}, lambda n: f"+1876{2_000_000 + n}"),  # Jamaica
    Kind(GOES, {}, moved_to=elsewhere_in_india),
    Kind(GOES, {}, got=((30, MARKETING), (200, MARKETING), (400, MARKETING))),
    Kind(GOES, {}, got=(*ONCE, (40, MARKETING | {"state": MessageState.FAILED, "rank": 0}))),
    Kind(GOES, {}, got=(*ONCE, (40, MARKETING | {"rank": 20}))),
    Kind(GOES, {}, got=(*ONCE, (40, MARKETING | {"is_trial": True}))),
    Kind(GOES, {}, got=(*ONCE, (40, MARKETING | {"category": "UTILITY"}))),
    Kind(SkipReason.OPTED_OUT, NO),
    Kind(SkipReason.OPTED_OUT, NO, moved_to=elsewhere_in_india),
    Kind(SkipReason.NO_CONSENT, {"marketing_opt_in": False}),
    Kind(SkipReason.NO_CONSENT, None),
    Kind(SkipReason.SUPPRESSED, {}, is_suppressed=True),
    Kind(SkipReason.SUPPRESSED, NO, is_suppressed=True),
    Kind(SkipReason.US_MARKETING, {}, lambda n: f"+1202{2_000_000 + n}"),
    Kind(SkipReason.US_MARKETING, {}, lambda n: f"+1787{2_000_000 + n}"),  # Puerto Rico
    Kind(SkipReason.FREQUENCY_CAP, {}, got=TWICE),
    Kind(SkipReason.FREQUENCY_CAP, {"zone": "Asia/Tokyo"}, got=TWICE),
    Kind(SkipReason.MISSING_VARIABLE, {"name": None}),
    Kind(SkipReason.NO_ADDRESS, None, lambda n: None),
    Kind(WaitReason.WINDOW, {"zone": "Asia/Tokyo"}),
    Kind(WaitReason.WINDOW, {}, lambda n: f"+8190{n:08d}"),  # lives in Japan, as the number says
    Kind(WaitReason.WINDOW, {"zone": "America/Los_Angeles"}),
    Kind(WaitReason.PAIR, {}, got=((-1, MARKETING),)),  # an hour from now, so that the seconds do not run out
)


def kind_of(position: int) -> Kind:
    """What is the matter with the recipient at this place."""
    return KINDS[(position - 1) % len(KINDS)]


def number_of(position: int) -> str | None:
    """Where the recipient at this place can be reached."""
    kind = kind_of(position)
    return (kind.moved_to or kind.number)(position)


def hours_open_from_jamaica_to_india() -> dict[str, time]:
    """A send window that is open there at this moment, and closed in California and Japan."""
    now = datetime.now(UTC)
    return {
        "window_opens": (now - timedelta(hours=6)).time(),
        "window_closes": (now + timedelta(hours=7)).time(),
    }


def gather(campaign: Campaign, number: int) -> None:
    """Give the campaign so many recipients, the kinds in turn."""
    for first in range(1, number + 1, CHUNK):
        _store(campaign, range(first, min(first + CHUNK, number + 1)))
    db.session.commit()
    for table in ("recipients", "customers", "messages"):
        db.session.execute(text(f"ANALYZE {table}"))
    db.session.commit()


def _store(campaign: Campaign, positions: Sequence[int]) -> None:
    db.session.execute(insert(Customer), [_customer(n) for n in positions if kind_of(n).customer is not None])
    ids: dict[str | None, int] = {row.phone: row.id for row in db.session.execute(select(Customer.id, Customer.phone))}
    rows = [
        {"campaign_id": campaign.id, "position": n, "phone": kind_of(n).number(n), "customer_id": _id_of(n, ids)}
        for n in positions
    ]
    db.session.execute(insert(Recipient), rows)
    db.session.execute(insert(Message), [told for n in positions for told in _got(campaign, n)])
    suppression.suppress([str(number_of(n)) for n in positions if kind_of(n).is_suppressed], "erased")


def _customer(n: int) -> dict[str, Any]:
    return YES | (kind_of(n).customer or {}) | {"public_id": uuid4(), "phone": number_of(n)}


def _id_of(n: int, ids: dict[str | None, int]) -> int | None:
    return ids[number_of(n - 1 if kind_of(n).is_double else n)] if kind_of(n).is_double or kind_of(n).moved_to else None


def _got(campaign: Campaign, n: int) -> list[dict[str, Any]]:
    common = {"channel_id": campaign.channel_id, "type": "template", "phone": number_of(n)}
    return [
        common | columns | {"public_id": uuid4(), "created_at": clock.now() - timedelta(hours=hours)}
        for hours, columns in kind_of(n).got
    ]

"""The people behind a figure as CSV, each with all attempts that were made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select

from app.campaigns.models import Recipient, RecipientState
from app.campaigns.queries import attempts, people
from app.extensions import db
from app.messaging.models import Message, Rank
from app.shared import csv_table

AT_ONCE = 1000
TIMES = ("sent", "delivered", "read", "failed", "responded")
HEADER = ["Phone", "Name", "Status", "Reason", "Sent", "Delivered", "Read", "Failed", "Responded", "Response"]
HEADER += ["Waits until", "Error code", "Attempts", "Earlier attempts"]


def as_csv(query: Select[Recipient, Message, str]) -> Iterator[str]:
    """The list as CSV, line by line; times in UTC."""
    return csv_table.export(_lines(query.add_columns(attempts.EARLIER)), HEADER)


def _lines(query: Select[Any]) -> Iterator[list[object]]:
    """Asked for at the first line and not before: a streamed answer has a session of its own."""
    for row in db.session.execute(query, execution_options={"yield_per": AT_ONCE}):
        yield _line(*row)


def _line(recipient: Recipient, message: Message | None, response: str | None, earlier: Any) -> list[object]:
    mine = message if recipient.state is RecipientState.HANDED else None
    return [
        recipient.phone,
        recipient.name,
        people.status_of(recipient, message),
        people.reason_of(recipient, message),
        *(_stamp(getattr(mine, f"{name}_at", None)) for name in TIMES),
        response,
        _stamp(people.waits_until(recipient)),
        mine.error_code if mine and mine.rank == Rank.FAILED else None,
        attempts.count_of(recipient, earlier or []),
        attempts.in_short(earlier or []),
    ]


def _stamp(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None

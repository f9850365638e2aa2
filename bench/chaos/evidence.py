"""What both sides say after a trial, read once: Meta's truth and book, our rows and figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from flask import Flask

from app.campaigns.service import recount
from app.extensions import db
from bench.chaos.house import House
from bench.chaos.meta import CUT, OPEN

ACCEPTED, HUNG, REFUSED_UNHEARD, NEVER_ARRIVED = "accepted", "hung", "refused unheard", "never arrived"
RANKS = {"sent": 10, "failed": 20, "delivered": 30, "read": 40}


class Sent(NamedTuple):
    """A message of ours."""

    callback: str
    campaign_id: int
    phone: str
    state: str
    rank: int
    wamid: str | None
    is_superseded: bool
    is_current: bool  # the one its recipient names


class Taken(NamedTuple):
    """A message that Meta accepted, and the furthest it said of it."""

    callback: str
    phone: str
    wamid: str
    rank: int


@dataclass
class Evidence:
    """Everything a verdict needs."""

    sent: list[Sent]
    taken: list[Taken]
    book: dict[str, list[str]]
    recipients: Counter[str]  # by state
    unfinished: list[str]  # campaigns that have not ended, in words
    differences: list[str]  # figures that do not equal their rows, in words
    with_place: set[str]  # who has a place under the messaging limit
    kills: int

    @cached_property
    def accepted(self) -> set[str]:
        """What Meta took, by our ids."""
        return {it.callback for it in self.taken}

    @property
    def unconfirmed(self) -> list[Sent]:
        """Messages of which nobody will ever know more."""
        return [it for it in self.sent if it.state == "unconfirmed"]

    def fate(self, callback: str) -> str:
        """What became of a message at Meta's door; of a refused one that is in doubt, nobody heard the answer."""
        if callback in self.accepted:
            return ACCEPTED
        pages = self.book.get(callback)
        if not pages:
            return NEVER_ARRIVED
        return HUNG if pages[-1] in (OPEN, CUT) else REFUSED_UNHEARD

    def dropped(self) -> int:
        """Accepted messages whose answer Meta did not give."""
        return sum(CUT in self.book.get(callback, ()) for callback in self.accepted)

    def hung(self) -> int:
        return sum(self.fate(callback) == HUNG for callback in self.book)


def gathered(app: Flask, house: House, kills: int) -> Evidence:
    """Both sides as they are now; call it when all is quiet."""
    ask = house.ledger.ask
    return Evidence(
        sent=[Sent(*row) for row in ask(_SENT)],
        taken=[_taken(message) for message in house.meta.accepted()],
        book=house.meta.book(),
        recipients=Counter(dict(ask("SELECT state, count(*) FROM recipients GROUP BY state"))),
        unfinished=[" ".join(filter(None, row)) for row in ask(_UNFINISHED)],
        differences=_differences(app),
        with_place={row[0] for row in ask("SELECT contact FROM limit_contacts")},
        kills=kills,
    )


def _taken(message: dict[str, Any]) -> Taken:
    rank = max((RANKS.get(status["status"], 0) for status in message["statuses"]), default=0)
    return Taken(message["biz_opaque_callback_data"], f"+{message['to'].lstrip('+')}", message["id"], rank)


def _differences(app: Flask) -> list[str]:
    with app.app_context():
        found = recount.differences()
        db.session.remove()
    return [f"campaign {it.campaign_id}: {it.figure} is kept as {it.kept}, its rows say {it.counted}" for it in found]


_SENT = """
    SELECT m.public_id::text, m.campaign_id, m.phone, m.state, m.rank, m.wamid, m.is_superseded, r.id IS NOT NULL
    FROM messages m LEFT JOIN recipients r ON r.message_id = m.id AND r.state = 'handed'
    WHERE m.direction = 'out' ORDER BY m.id"""
_UNFINISHED = """
    SELECT 'campaign', id::text, 'is', status, pause_reason FROM campaigns WHERE status <> 'completed' ORDER BY id"""

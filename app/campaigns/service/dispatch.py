"""The claim: from pending recipients to committed messages, in one short transaction.

Lock a few pending rows (others skip them), ask the gate about each, take places under the guard's lock, write the
messages down. Only after its commit may a request leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from app.campaigns.service.candidates import START, Cursor, candidates
from app.campaigns.service.deferrals import put_off, reinstate, skip
from app.campaigns.service.handing_over import hand_over
from app.campaigns.service.judging import Judgement, Ready, judge_in_turn
from app.campaigns.service.plan import Plan, plan_of
from app.messaging.engine import guard
from app.messaging.engine.sender import Outgoing

__all__ = ["START", "Claim", "Cursor", "Plan", "claim", "plan_of"]

LARGEST_BITE = 1000  # of rows that are only put off: more would keep the portfolio's other claims waiting


@dataclass(frozen=True, slots=True)
class Claim:
    """What one claim brought: messages to send, and why there are not more."""

    outgoing: list[Outgoing] = field(default_factory=list)
    contacts: dict[int, str] = field(default_factory=dict)  # message id -> whose place it took
    granted_at: datetime = guard.NEVER
    cursor: Cursor = START
    is_exhausted: bool = False
    is_limit_reached: bool = False


def claim(plan: Plan, wanted: int, cursor: Cursor = START) -> Claim:
    """Up to `wanted` messages written down as sending; the caller commits, then sends them.

    Give the next claim of the tick the cursor of this one. A claim that only skipped and put off is followed by a
    larger one: a whole campaign that waits for the morning takes few.
    """
    used = guard.hold(plan.portfolio_id)
    rows = candidates(plan, cursor, max(wanted, cursor.bite))
    if not rows:
        return Claim(cursor=cursor, is_exhausted=True)
    reinstate([row.id for row in rows if row.has_arrived])
    judgement = judge_in_turn(plan, [row for row in rows if not row.has_arrived], wanted)
    grant = _places(plan, judgement.ready, used)
    skip(judgement.skipped)
    put_off(judgement.waiting)
    allowed = [item for item in judgement.ready if item.contact in grant.contacts]
    outgoing = hand_over(plan, allowed)
    is_limit_reached = len(allowed) < len(judgement.ready)
    return Claim(
        outgoing,
        {one.message_id: item.contact for one, item in zip(outgoing, allowed, strict=True) if not item.is_free},
        grant.at,
        cursor if is_limit_reached else _behind(cursor, rows, judgement),
        is_exhausted=judgement.is_held,
        is_limit_reached=is_limit_reached,
    )


def _places(plan: Plan, ready: Sequence[Ready], used: int) -> guard.Grant:
    if not ready:
        return guard.Grant(frozenset(), guard.NEVER)
    return guard.reserve(
        plan.portfolio_id,
        [item.contact for item in ready],
        plan.limit,
        plan.zone,
        used=used,
        taken_by=plan.campaign_id,
        free=frozenset(item.contact for item in ready if item.is_free),
    )


def _behind(cursor: Cursor, rows: Sequence[Row[Any]], judgement: Judgement) -> Cursor:
    """The cursor behind the last of whom something was decided."""
    last = judgement.last or rows[-1]  # with nobody to judge, all of them had arrived
    bite = 1 if judgement.ready else min(LARGEST_BITE, 10 * len(rows))
    return Cursor(last.due_at, last.position, bite)

"""Recipients before the gate: who may be written to, and with which words; who is skipped, who waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from app.campaigns import variables
from app.campaigns.service.plan import Plan
from app.messaging.engine import gate, ledger
from app.messaging.models import SkipReason
from app.meta.components import MissingValue
from app.shared.ids import uuid7
from app.shared.zones import zone_of


@dataclass(frozen=True, slots=True)
class Ready:
    """Somebody who may be written to, and the message. `is_free`: their service window is open, it takes no place."""

    contact: str
    entry: ledger.Entry
    components: list[dict[str, Any]]
    is_free: bool


@dataclass(slots=True)
class Judgement:
    """What became of the candidates, in their order; `last` is the last of whom anything was decided."""

    ready: list[Ready] = field(default_factory=list)
    skipped: dict[int, SkipReason] = field(default_factory=dict)
    waiting: dict[int, gate.Wait] = field(default_factory=dict)
    last: Row[Any] | None = None
    is_held: bool = False


def judge_in_turn(plan: Plan, rows: Iterable[Row[Any]], wanted: int) -> Judgement:
    """Judge one after the other until `wanted` may be written to; about those behind nothing is decided."""
    judgement, customers = Judgement(), set[int]()
    for row in rows:
        if len(judgement.ready) == wanted:
            break
        found = judge(plan, row, customers)
        if isinstance(found, gate.Hold):
            judgement.is_held = True
            break
        _note(judgement, row, found)
        if isinstance(found, Ready):
            customers |= {row.customer_id} - {None}
    return judgement


def judge(plan: Plan, row: Row[Any], customers: set[int]) -> Ready | gate.Skip | gate.Wait | gate.Hold:
    """One recipient's turn; `customers` are those who get a message in this very claim."""
    verdict = gate.judge(facts_of(plan, row), plan.rules, row.at)
    if isinstance(verdict, gate.Skip | gate.Hold):
        return verdict
    if row.has_been_written_to or row.customer_id in customers:
        return gate.Skip(SkipReason.DUPLICATE)
    return verdict if isinstance(verdict, gate.Wait) else _written(plan, row)


def facts_of(plan: Plan, row: Row[Any]) -> gate.Facts:
    """A candidate's row as the gate reads it."""
    return gate.Facts(
        phone=row.phone,
        user_id=row.user_id,
        category=plan.category,
        template_status=row.template_status,
        is_suppressed=row.is_suppressed,
        has_opted_out=row.marketing_opt_out_at is not None and not row.marketing_opt_in,
        has_consent=plan.has_attested_consent or bool(row.marketing_opt_in),
        marketing_at=row.marketing_at or (),
        last_sent_at=row.last_sent_at,
        window_expires_at=row.window_expires_at,
        zone=zone_of(row.zone, row.phone, plan.home) if plan.rules.hours else None,
    )


def _written(plan: Plan, row: Row[Any]) -> Ready | gate.Skip:
    values = variables.fill(plan.variables, variables.Facts(row.variables, _fields(row)))
    try:
        components = plan.template.build(values)
    except MissingValue:
        return gate.Skip(SkipReason.MISSING_VARIABLE)
    entry = ledger.Entry(uuid7(), row.phone, row.customer_id, plan.template.body(values), row.user_id, row.id)
    return Ready(row.phone or row.user_id, entry, components, gate.stays_open(row.window_expires_at, row.at))


def _fields(row: Row[Any]) -> dict[str, Any]:
    return {
        "name": row.customer_name or row.name,
        "phone": row.phone,
        "email": row.email,
        "city": row.city,
        "attributes": row.attributes or {},
    }


def _note(judgement: Judgement, row: Row[Any], found: Ready | gate.Skip | gate.Wait) -> None:
    judgement.last = row
    if isinstance(found, Ready):
        judgement.ready.append(found)
    elif isinstance(found, gate.Skip):
        judgement.skipped[row.id] = found.reason
    else:
        judgement.waiting[row.id] = found

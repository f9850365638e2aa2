"""From pending recipients to committed messages, and from outcomes back to recipients.

The claim is one short transaction: lock a few pending rows (others skip them), ask the gate, take places under
the guard's lock, write the messages down. Only after its commit may a request leave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

from app.campaigns import variables
from app.campaigns.models import Campaign, TargetType
from app.extensions import db
from app.messaging.engine import gate, guard, ledger
from app.messaging.engine.sender import Outgoing
from app.messaging.models import SkipReason
from app.meta.components import CompiledTemplate, MissingValue, compile_template
from app.shared.ids import uuid7


@dataclass(frozen=True, slots=True)
class Plan:
    """What all messages of one campaign share, read once per tick."""

    campaign_id: int
    channel_id: int
    portfolio_id: str
    template: CompiledTemplate
    template_name: str
    language: str
    category: str
    is_marketing: bool
    has_attested_consent: bool
    variables: Mapping[str, Mapping[str, str]]
    limit: int | None
    zone: str
    by_marketing_service: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """What one claim brought: messages to send, and why there are not more."""

    outgoing: list[Outgoing] = field(default_factory=list)
    contacts: dict[int, str] = field(default_factory=dict)  # message id -> whose place it took
    granted_at: datetime = guard.NEVER
    cursor: int = 0
    is_exhausted: bool = False
    is_limit_reached: bool = False


@dataclass(frozen=True, slots=True)
class _Ready:
    recipient_id: int
    contact: str
    entry: ledger.Entry
    components: list[dict[str, Any]]


def plan_of(campaign: Campaign, limit: int | None, zone: str) -> Plan:
    """The campaign's plan; its template must be there (a launch checks that)."""
    template = campaign.template
    assert template is not None
    return Plan(
        campaign.id,
        campaign.channel_id,
        campaign.channel.portfolio_id,
        compile_template(template.components, template.parameter_format),
        template.name,
        template.language,
        template.category,
        template.is_marketing,
        campaign.target_type is TargetType.IMPORTED,
        dict(campaign.template_variables),
        limit,
        zone,
        campaign.channel.uses_marketing_service and template.is_marketing,
    )


def claim(plan: Plan, wanted: int, cursor: int) -> Claim:
    """Up to `wanted` messages written down as sending; the caller commits, then sends them.

    `cursor` is the position after which to look: without it, each claim would walk over the dead index
    entries of all claims before it.
    """
    guard.hold(plan.portfolio_id)
    rows = db.session.execute(_CANDIDATES, {"campaign": plan.campaign_id, "cursor": cursor, "wanted": wanted}).all()
    if not rows:
        return Claim(cursor=cursor, is_exhausted=True)
    _reinstate([row.id for row in rows if row.has_arrived])
    ready, skipped = _sort(plan, [row for row in rows if not row.has_arrived])
    grant = guard.reserve(plan.portfolio_id, [item.contact for item in ready], plan.limit, plan.zone) if ready else None
    _skip(skipped)
    allowed = [item for item in ready if grant and item.contact in grant.contacts]
    ids = _hand_over(plan, allowed)
    return Claim(
        [_outgoing(plan, item, ids[item.entry.public_id]) for item in allowed],
        {ids[item.entry.public_id]: item.contact for item in allowed},
        grant.at if grant else guard.NEVER,
        rows[-1].position if len(allowed) == len(ready) else cursor,
        is_limit_reached=len(allowed) < len(ready),
    )


def _sort(plan: Plan, rows: Sequence[Row[Any]]) -> tuple[list[_Ready], dict[int, SkipReason]]:
    ready: list[_Ready] = []
    skipped: dict[int, SkipReason] = {}
    customers: set[int] = set()
    for row in rows:
        if reason := gate.refusal(_facts(plan, row)):
            skipped[row.id] = reason
            continue
        if row.has_been_written_to or row.customer_id in customers:
            skipped[row.id] = SkipReason.DUPLICATE
            continue
        values = variables.fill(plan.variables, variables.Facts(row.variables, _fields(row)))
        try:
            components = plan.template.build(values)
        except MissingValue:
            skipped[row.id] = SkipReason.MISSING_VARIABLE
            continue
        entry = ledger.Entry(uuid7(), row.phone, row.customer_id, plan.template.body(values), row.user_id)
        ready.append(_Ready(row.id, row.phone or row.user_id, entry, components))
        customers |= {row.customer_id} - {None}
    return ready, skipped


def _facts(plan: Plan, row: Row[Any]) -> gate.Facts:
    return gate.Facts(
        phone=row.phone,
        user_id=row.user_id,
        is_marketing=plan.is_marketing,
        has_opted_out=row.marketing_opt_out_at is not None and not row.marketing_opt_in,
        has_consent=plan.has_attested_consent or bool(row.marketing_opt_in),
    )


def _fields(row: Row[Any]) -> dict[str, Any]:
    return {
        "name": row.customer_name or row.name,
        "phone": row.phone,
        "email": row.email,
        "city": row.city,
        "attributes": row.attributes or {},
    }


def _outgoing(plan: Plan, item: _Ready, message_id: int) -> Outgoing:
    way = plan.by_marketing_service
    return item.entry.outgoing(message_id, plan.template_name, plan.language, item.components, way)


def _reinstate(recipient_ids: Sequence[int]) -> None:
    """Meta refused their message, and then reported that it had arrived after all: it counts, they are done."""
    if recipient_ids:
        db.session.execute(_REINSTATE, {"ids": list(recipient_ids)})


def _skip(skipped: Mapping[int, SkipReason]) -> None:
    if skipped:
        db.session.execute(_SKIP, {"ids": list(skipped), "reasons": [str(reason) for reason in skipped.values()]})


def _hand_over(plan: Plan, allowed: Sequence[_Ready]) -> dict[Any, int]:
    if not allowed:
        return {}
    ids = ledger.write(
        [item.entry for item in allowed],
        channel_id=plan.channel_id,
        category=plan.category,
        campaign_id=plan.campaign_id,
    )
    db.session.execute(
        _HAND_OVER,
        {
            "recipients": [item.recipient_id for item in allowed],
            "messages": [ids[item.entry.public_id] for item in allowed],
        },
    )
    return ids


# By (campaign_id, position), never ORDER BY id: the planner would walk the primary key through every older campaign.
# The campaign's own row is asked here, so that a pause stops the very next claim.
# Whose number or id nobody has any more is found by who had it then: their stop said since holds, and they are written
# to where they are now. Two recipients may be one customer, whom nobody knew then to be the same.
# OFFSET 0 keeps the planner to the index by customer: the one by campaign grows with what the campaign has sent.
_CANDIDATES = text(
    """
    SELECT r.id, r.position, r.name, r.variables, c.id AS customer_id, c.name AS customer_name,
           CASE WHEN c.has_moved THEN c.phone ELSE r.phone END AS phone,
           CASE WHEN c.has_moved THEN c.user_id ELSE r.user_id END AS user_id,
           c.email, c.city, c.attributes, c.marketing_opt_in, c.marketing_opt_out_at,
           EXISTS (SELECT 1 FROM messages m WHERE m.id = r.message_id AND m.state = 'accepted') AS has_arrived,
           EXISTS (SELECT 1 FROM (SELECT * FROM messages WHERE customer_id = c.id OFFSET 0) o
                   WHERE o.campaign_id = :campaign AND o.id IS DISTINCT FROM r.message_id
                   AND (NOT o.is_superseded OR o.state = 'accepted')) AS has_been_written_to
    FROM recipients r
    LEFT JOIN LATERAL (SELECT *, false AS has_moved FROM customers WHERE phone = r.phone
                       UNION ALL SELECT *, false FROM customers WHERE r.phone IS NULL AND user_id = r.user_id
                       UNION ALL SELECT *, true FROM customers WHERE id = r.customer_id
                       LIMIT 1) c ON true
    WHERE r.campaign_id = :campaign AND r.state = 'pending' AND r.position > :cursor
      AND r.due_at <= statement_timestamp()
      AND EXISTS (SELECT 1 FROM campaigns WHERE id = :campaign AND status = 'sending')
    ORDER BY r.position LIMIT :wanted FOR UPDATE OF r SKIP LOCKED
    """
)
_SKIP = text(
    """
    UPDATE recipients r SET state = 'skipped', skip_reason = v.reason, updated_at = statement_timestamp()
    FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[])) AS v(id, reason)
    WHERE r.id = v.id AND r.state = 'pending'
    """
)
_HAND_OVER = text(
    """
    UPDATE recipients r SET state = 'handed', message_id = v.message, updated_at = statement_timestamp()
    FROM unnest(CAST(:recipients AS bigint[]), CAST(:messages AS bigint[])) AS v(recipient, message)
    WHERE r.id = v.recipient
    """
)
_REINSTATE = text(
    """
    WITH arrived AS (
        UPDATE messages m SET is_superseded = false, updated_at = statement_timestamp()
        FROM recipients r WHERE r.id = ANY(CAST(:ids AS bigint[])) AND m.id = r.message_id RETURNING m.id)
    UPDATE recipients r SET state = 'handed', waits_for = NULL, updated_at = statement_timestamp()
    FROM arrived WHERE r.message_id = arrived.id AND r.state = 'pending'
    """
)

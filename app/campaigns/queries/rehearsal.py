"""What would happen if the campaign were sent now: who would get it, who not and why, and how it would read.

The same gate, the same filling and the same template as the sender's; only that nothing leaves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, not_, or_, select

from app.auth import workspace
from app.campaigns import fitness, variables
from app.campaigns.models import Campaign, Recipient, RecipientState, TargetType
from app.campaigns.queries.gaps import Gaps, gaps_in
from app.campaigns.queries.unwilling import unwilling
from app.customers.models import Customer
from app.customers.service import suppression
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.messaging.engine import gate
from app.messaging.models import SkipReason
from app.meta.components import CompiledTemplate, MissingValue, RenderedTemplate, compile_template
from app.shared import clock

FIRST = 1000  # recipients looked at one by one where the database cannot say
ELIGIBLE = "eligible"

_by_phone = select(Customer).where(Customer.phone == Recipient.phone).correlate(Recipient)
_by_user_id = (
    select(Customer).where(Recipient.phone.is_(None), Customer.user_id == Recipient.user_id).correlate(Recipient)
)
_by_customer = select(Customer).where(Customer.id == Recipient.customer_id).correlate(Recipient)
# As the claim finds them: by number, else by Meta's id, else as whoever had these then.
_known = _by_phone.union_all(_by_user_id, _by_customer).limit(1).lateral("known")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """So many would be written to and so many skipped, by reason; `prefixes` counts the former by number's beginning.

    `missing_of_first` is set when missing variables could only be counted among the first so many recipients.
    """

    eligible: int = 0
    skips: Mapping[SkipReason, int] = field(default_factory=dict)
    prefixes: Mapping[str, int] = field(default_factory=dict)
    missing_of_first: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """The message of one recipient as it would read; `missing` names the variable without a value."""

    position: int
    phone: str | None
    name: str | None
    rendered: RenderedTemplate
    missing: str
    skip: SkipReason | None
    values: Mapping[str, str]


def rehearse(campaign: Campaign, mapping: Mapping[str, Any] | None = None) -> Rehearsal:
    """Judge every pending recipient as the sender would, in one query."""
    template = campaign.template
    if template is None:
        return Rehearsal()
    compiled = compile_template(template.components, template.parameter_format)
    mapping = campaign.template_variables if mapping is None else mapping
    gaps = gaps_in(compiled, mapping, fitness.faults(compiled, mapping), _known)
    counts: Counter[str] = Counter()
    prefixes: Counter[str] = Counter()
    for outcome, prefix, count in db.session.execute(_judged(campaign, template, gaps)):
        counts[outcome] += count
        if outcome == ELIGIBLE:
            prefixes[prefix] += count
    first = None if gaps.is_known else _missing_among_first(campaign, compiled, mapping, gaps)
    skips = {SkipReason(name): count for name, count in counts.items() if name != ELIGIBLE}
    if first:
        skips[SkipReason.MISSING_VARIABLE] = skips.get(SkipReason.MISSING_VARIABLE, 0) + first
    return Rehearsal(counts[ELIGIBLE], skips, prefixes, None if gaps.is_known else FIRST)


def preview(
    campaign: Campaign, mapping: Mapping[str, Any], after: int = 0, before: int | None = None
) -> Preview | None:
    """The first pending recipient behind position `after`, or the last one in front of `before`; None at the ends."""
    template = campaign.template
    if template is None:
        return None
    query = _pending(campaign)
    if before is None:
        query = query.where(Recipient.position > after).order_by(Recipient.position)
    else:
        query = query.where(Recipient.position < before).order_by(Recipient.position.desc())
    row = db.session.execute(query.limit(1)).one_or_none()
    compiled = compile_template(template.components, template.parameter_format)
    return None if row is None else _preview_of(campaign, template, compiled, mapping, row)


def first(campaign: Campaign) -> Preview | None:
    """The campaign's first recipient, whatever became of them: the same example before, during and after."""
    if campaign.template is None:
        return None
    row = db.session.execute(_everybody(campaign).order_by(Recipient.position).limit(1)).one_or_none()
    compiled = compile_template(campaign.template.components, campaign.template.parameter_format)
    mapping = campaign.template_variables
    return None if row is None else _preview_of(campaign, campaign.template, compiled, mapping, row)


def _preview_of(
    campaign: Campaign,
    template: MessageTemplate,
    compiled: CompiledTemplate,
    mapping: Mapping[str, Any],
    row: Row[Any],
) -> Preview:
    values = _values(mapping, row)
    facts = gate.Facts(
        row.phone,
        row.user_id,
        template.category,
        gate.APPROVED,  # what stands in its way is told elsewhere
        suppression.is_suppressed(row.phone, row.user_id),
        row.marketing_opt_out_at is not None and not row.marketing_opt_in,
        campaign.target_type is TargetType.IMPORTED or bool(row.marketing_opt_in),
    )
    verdict = gate.judge(facts, gate.Rules(spares_only_us=workspace.current().spares_only_us_area_codes), clock.now())
    skip = verdict.reason if isinstance(verdict, gate.Skip) else None
    missing = _missing(compiled, values)
    name = row.customer_name or row.name
    return Preview(row.position, row.phone, name, compiled.render(values), missing, skip, values)


def _values(mapping: Mapping[str, Any], row: Row[Any]) -> dict[str, str]:
    fields = {
        "name": row.customer_name or row.name,
        "phone": row.phone,
        "email": row.email,
        "city": row.city,
        "attributes": row.attributes or {},
    }
    return variables.fill(mapping, variables.Facts(row.variables, fields))


def _missing(compiled: CompiledTemplate, values: Mapping[str, str]) -> str:
    try:
        compiled.build(values)
    except MissingValue as gap:
        return str(gap)
    return ""


def _missing_among_first(campaign: Campaign, compiled: CompiledTemplate, mapping: Mapping[str, Any], gaps: Gaps) -> int:
    """Beyond those whom the database found."""
    others = _pending(campaign).where(not_(gaps.condition))
    rows = db.session.execute(others.order_by(Recipient.position).limit(FIRST))
    return sum(bool(_missing(compiled, _values(mapping, row))) for row in rows)


def _pending(campaign: Campaign) -> Select[Any]:
    return _everybody(campaign).where(Recipient.state == RecipientState.PENDING)


def _everybody(campaign: Campaign) -> Select[Any]:
    columns = (_known.c.email, _known.c.city, _known.c.attributes)
    consent = (_known.c.marketing_opt_in, _known.c.marketing_opt_out_at)
    recipient = (Recipient.position, Recipient.phone, Recipient.user_id, Recipient.name, Recipient.variables)
    return (
        select(*recipient, _known.c.name.label("customer_name"), *columns, *consent)
        .outerjoin(_known, literal(True))
        .where(Recipient.campaign_id == campaign.id)
    )


def _judged(campaign: Campaign, template: MessageTemplate, gaps: Gaps) -> Select[Any]:
    """(outcome, first four characters of the number, how many), in the gate's own order."""
    reasons: list[tuple[ColumnElement[bool], str]] = [
        (and_(_blank(Recipient.phone), _blank(Recipient.user_id)), SkipReason.NO_ADDRESS.value)
    ]
    if template.is_marketing:
        reasons += unwilling(campaign, _known)
    reasons.append((gaps.condition, SkipReason.MISSING_VARIABLE.value))
    outcome = case(*((when, literal(name)) for when, name in reasons), else_=literal(ELIGIBLE)).label("outcome")
    prefix = func.coalesce(func.left(Recipient.phone, 4), "").label("prefix")
    judged = (
        select(outcome, prefix)
        .select_from(Recipient)
        .outerjoin(_known, literal(True))
        .where(Recipient.campaign_id == campaign.id, Recipient.state == RecipientState.PENDING)
        .subquery()
    )
    return select(judged.c.outcome, judged.c.prefix, func.count()).group_by(judged.c.outcome, judged.c.prefix)


def _blank(column: Any) -> ColumnElement[bool]:
    return or_(column.is_(None), column == "")

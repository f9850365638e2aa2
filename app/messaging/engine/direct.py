"""One template message to one person: the same gate, guard and ledger as a campaign's.

The door does it in three beats: `prepare`, commit, `post` (no transaction open), `settle`, commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.auth import workspace
from app.channels.models import Channel
from app.channels.service import blocked
from app.customers.models import Customer
from app.customers.service import suppression
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.messaging.engine import gate, guard, ledger, receipts
from app.messaging.engine.recent import recent
from app.messaging.engine.sender import Outcome, Outgoing, deliver, departure
from app.messaging.models import SkipReason
from app.meta.components import MissingValue, compile_template
from app.meta.transport import Transport
from app.shared import clock
from app.shared.errors import Invalid, Refused
from app.shared.ids import uuid7

REFUSALS = {
    SkipReason.OPTED_OUT: "This customer has opted out of marketing messages.",
    SkipReason.NO_CONSENT: "This customer has not agreed to marketing messages.",
    SkipReason.US_MARKETING: "Meta does not deliver marketing templates to +1 numbers.",
    SkipReason.NO_ADDRESS: "This customer has neither a phone number nor a WhatsApp id.",
    SkipReason.SUPPRESSED: "This number is on the list of those that never get marketing again.",
    SkipReason.FREQUENCY_CAP: "This customer got as much marketing within seven days as the sending rules allow.",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One template message as somebody asks for it; `phone` in E.164.

    A trial goes to the sender's own phone: they agree to it, and it is no marketing that anybody got.
    """

    channel: Channel
    template: MessageTemplate
    phone: str
    values: Mapping[str, str]
    limit: int | None
    zone: str
    sent_by: int | None
    is_trial: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message written down, and the place under the limit that it took."""

    outgoing: Outgoing
    portfolio_id: str
    contact: str
    taken_at: datetime
    zone: str
    deadline: float


def prepare(request: Request) -> Prepared:
    """Write the message down and take its place under the limit. Raises Refused or Invalid with a sentence."""
    template, deadline = request.template, departure()
    used = guard.hold(request.channel.portfolio_id)  # before the gate: of two at once, the second sees the first
    customer = _read_anew(request)
    if sentence := blocked(request.channel):
        raise Refused(sentence)
    if not template.is_sendable:
        raise Refused(f"The template {template.name} is {template.status.lower()}; only approved ones can be sent.")
    compiled = compile_template(template.components, template.parameter_format)
    try:
        components = compiled.build(request.values)
    except MissingValue as gap:
        raise Invalid(str(gap), f"variables.{gap.key}") from gap
    facts = _facts(request, customer)
    _pass_gate(request, facts)
    taken_at = _take_place(request, facts, used)
    entry = ledger.Entry(uuid7(), request.phone, customer.id if customer else None, compiled.body(request.values))
    ids = ledger.write(
        [entry],
        channel_id=request.channel.id,
        category=template.category,
        sent_by=request.sent_by,
        is_trial=request.is_trial,
    )
    by_marketing_service = request.channel.uses_marketing_service and template.is_marketing
    outgoing = entry.outgoing(ids[entry.public_id], template.name, template.language, components, by_marketing_service)
    return Prepared(outgoing, request.channel.portfolio_id, request.phone, taken_at, request.zone, deadline)


def post(transport: Transport, phone_number_id: str, prepared: Prepared) -> Outcome:
    """Send a prepared, committed message, once."""
    return deliver(transport, phone_number_id, prepared.outgoing, prepared.deadline)


def settle(prepared: Prepared, outcome: Outcome) -> None:
    """Store what became of it; who certainly got nothing does not count under the limit."""
    if outcome.has_failed:
        guard.give_back(prepared.portfolio_id, [prepared.contact], prepared.taken_at, prepared.zone)
    receipts.record_outcomes([outcome])


def _read_anew(request: Request) -> Customer | None:
    """Who it is for; they, the template and the number as they are now, not as before we waited for the guard."""
    db.session.refresh(request.channel)
    db.session.refresh(request.template)
    query = select(Customer).where(Customer.phone == request.phone)
    return db.session.scalar(query.execution_options(populate_existing=True))


def _pass_gate(request: Request, facts: gate.Facts) -> None:
    """Nobody waits for a single message: it leaves now or is refused."""
    here = workspace.current()
    cap = None if request.is_trial else here.marketing_cap
    rules = gate.Rules(cap=cap, spares_only_us=here.spares_only_us_area_codes)
    verdict = gate.judge(facts, rules, clock.now())
    if isinstance(verdict, gate.Skip):
        raise Refused(REFUSALS[verdict.reason])


def _take_place(request: Request, facts: gate.Facts, used: int) -> datetime:
    """When it was taken; with an open service window none is needed."""
    free = {request.phone} if gate.stays_open(facts.window_expires_at, clock.now()) else frozenset()
    portfolio_id = request.channel.portfolio_id
    grant = guard.reserve(portfolio_id, [request.phone], request.limit, request.zone, used=used, free=free)
    if request.phone not in grant.contacts:
        raise Refused("The messaging limit of the last 24 hours is used up.")
    return grant.at


def _facts(request: Request, customer: Customer | None) -> gate.Facts:
    lately = recent(request.channel.id, request.phone, customer.id if customer else None, gate.WEEK)
    return gate.Facts(
        phone=request.phone,
        user_id=customer.user_id if customer else None,
        category=request.template.category,
        template_status=request.template.status,
        is_suppressed=suppression.is_suppressed(request.phone, customer.user_id if customer else None),
        has_opted_out=customer is not None and customer.is_opted_out,
        has_consent=request.is_trial or (customer is not None and customer.marketing_opt_in),
        marketing_at=lately.marketing_at,
        last_sent_at=lately.last_sent_at,
        window_expires_at=lately.window_expires_at,
    )

"""One finished demo campaign: its recipients and messages stand in their final states, as if they had been sent.

It ended more than a week ago, so that it takes no place under today's messaging limit nor under anybody's weekly cap.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, exists, insert, select, update

from app.auth import workspace
from app.campaigns.models import Campaign, CampaignStatus, Recipient, RecipientState, TargetType
from app.channels.models import Channel
from app.customers.models import Customer
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.messaging.engine import gate
from app.messaging.models import SkipReason
from app.operations.seed import mail, names
from app.shared import clock

NAME = "Green Goa for early birds"
MARK = "demo"  # the tag by which a second sowing knows it
VARIABLES = {
    "body.1": {"source": "field", "value": "first_name", "fallback": "there"},
    "body.2": {"source": "field", "value": "city", "fallback": "your city"},
}
SIZE = 120
BEGAN_AT_HOUR = 11  # in the workspace's zone
OVER_SINCE = timedelta(days=7, hours=2)  # its hour, and the weekly cap's window with a margin


def settle(random: Random, channel: Channel, template: MessageTemplate, phones: Collection[str], now: datetime) -> int:
    """Store the campaign to some of these customers unless it is there; returns how many were stored."""
    if db.session.scalar(select(exists().where(Campaign.tags.contains([MARK])))):
        return 0
    zone = workspace.zone()
    customers, began_at = _customers(random, phones), _beginning(now, zone)
    campaign = _campaign(channel, template, customers, began_at)
    reasons = {customer.id: reason for customer in customers if (reason := _refusal(customer, template))}
    written = [customer for customer in customers if customer.id not in reasons]
    letters = mail.letters(random, campaign, template, written, began_at)
    message_ids = mail.post(letters, channel, zone)
    _enrol(campaign, customers, reasons, dict(zip((it.customer.id for it in letters), message_ids, strict=True)))
    _answer(letters)
    campaign.completed_at = max(letter.sent_at for letter in letters)
    template.last_used_at = campaign.completed_at
    db.session.flush()
    return 1


def _customers(random: Random, phones: Collection[str]) -> list[Customer]:
    """Some of them, those whose numbers fail among them."""
    everybody = list(db.session.scalars(select(Customer).where(Customer.phone.in_(phones)).order_by(Customer.phone)))
    failing = [customer for customer in everybody if customer.phone in names.FAILING]
    others = [customer for customer in everybody if customer.phone not in names.FAILING]
    chosen = random.sample(others, k=min(len(others), SIZE - len(failing))) + failing
    random.shuffle(chosen)
    return chosen


def _beginning(now: datetime, zone: ZoneInfo) -> datetime:
    """The last late morning that is over for long enough."""
    latest = (now - OVER_SINCE).astimezone(zone)
    morning = latest.replace(hour=BEGAN_AT_HOUR, minute=0, second=0, microsecond=0)
    return morning if morning <= latest else morning - timedelta(days=1)


def _campaign(
    channel: Channel, template: MessageTemplate, customers: Sequence[Customer], began_at: datetime
) -> Campaign:
    campaign = Campaign(
        name=NAME,
        description="Sent by the demo data.",
        channel_id=channel.id,
        template_id=template.id,
        template_variables=VARIABLES,
        target_type=TargetType.MANUAL,
        segment_query={"customer_ids": [customer.id for customer in customers]},
        status=CampaignStatus.COMPLETED,
        started_at=began_at,
        created_at=began_at - timedelta(minutes=18),
        tags=[MARK, "goa"],
    )
    db.session.add(campaign)
    db.session.flush()
    return campaign


def _refusal(customer: Customer, template: MessageTemplate) -> SkipReason | None:
    """The gate judges demo customers as it judges all."""
    facts = gate.Facts(
        phone=customer.phone,
        user_id=customer.user_id,
        category=template.category,
        template_status=gate.APPROVED,  # it was, when the campaign ran
        has_opted_out=customer.is_opted_out,
        has_consent=customer.marketing_opt_in,
    )
    verdict = gate.judge(facts, gate.Rules(), clock.now())
    return verdict.reason if isinstance(verdict, gate.Skip) else None


def _enrol(
    campaign: Campaign,
    customers: Sequence[Customer],
    reasons: dict[int, SkipReason],
    messages: dict[int, int],
) -> None:
    rows = [
        {
            "campaign_id": campaign.id,
            "customer_id": customer.id,
            "position": position,
            "phone": customer.phone,
            "name": customer.name,
            "state": RecipientState.SKIPPED if customer.id in reasons else RecipientState.HANDED,
            "skip_reason": reasons.get(customer.id),
            "message_id": messages.get(customer.id),
        }
        for position, customer in enumerate(customers, start=1)
    ]
    db.session.execute(insert(Recipient), rows)


def _answer(letters: Sequence[mail.Letter]) -> None:
    """When the customers last wrote."""
    rows: list[dict[str, Any]] = [
        {"customer": letter.customer.id, "at": letter.answered_at} for letter in letters if letter.answer
    ]
    if not rows:
        return
    db.session.connection().execute(
        update(Customer).where(Customer.id == bindparam("customer")).values(last_inbound_at=bindparam("at")), rows
    )

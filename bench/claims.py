"""What a claim costs, beside what is waiting and what older campaigns left behind.

    DATABASE_URL=… REDIS_URL=… SECRET_KEY=… FIELD_ENCRYPTION_KEYS=… python -m bench.claims [recipients] [older rows]

Claims a campaign of 200,000 customers in tens to its end, without sending anything, then puts the same campaign off as
one that nobody may get before the morning. Beside it lie 1,000,000 handed recipients and messages of older campaigns.
The database must be migrated and empty; its rows stay, so that a second run measures the same.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select, text

from app import create_app
from app.auth import workspace
from app.campaigns.models import Campaign, CampaignStatus, TargetType
from app.campaigns.service import dispatch, judging
from app.campaigns.service.candidates import candidates
from app.channels.models import Channel
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.messaging.engine import gate, guard
from app.shared.hours import Hours

WANTED = 10
BLOCK = 1000  # claims told of together
OLDER_CAMPAIGNS = 5


def main(recipients: int, older: int) -> None:
    """Make what is missing, then measure."""
    with create_app().app_context():
        channel = db.session.scalar(select(Channel)) or _channel()
        template = db.session.scalar(select(MessageTemplate)) or _template(channel)
        _make_customers(recipients)
        _make_older(template, older)
        campaign = _campaign(template, recipients)
        _measure_gate(campaign)
        _measure_claims(campaign)
        _measure_waiting(_campaign(template, recipients))


def _measure_claims(campaign: Campaign) -> None:
    plan = dispatch.plan_of(campaign, None, "Asia/Kolkata")
    db.session.commit()
    begun, milliseconds, sent = time.perf_counter(), [], 0
    for claimed, took in _claims(plan):
        milliseconds.append(took)
        sent += len(claimed.outgoing)
        if len(milliseconds) % BLOCK == 0:
            print(f"  claims to {len(milliseconds):>6,}: {_told(milliseconds[-BLOCK:])}")
    seconds = time.perf_counter() - begun
    print(f"{sent:,} messages in {len(milliseconds):,} claims: {len(milliseconds) / seconds:.0f} claims/s")


def _measure_waiting(campaign: Campaign) -> None:
    plan = dispatch.plan_of(campaign, None, "Asia/Kolkata")
    opens = (datetime.now(UTC) + timedelta(hours=7, minutes=30)).time().replace(microsecond=0)
    closes = (datetime.now(UTC) + timedelta(hours=8, minutes=30)).time().replace(microsecond=0)
    plan = replace(plan, rules=replace(plan.rules, hours=Hours(opens, closes, frozenset(range(1, 8)))))
    db.session.commit()
    begun = time.perf_counter()
    milliseconds = [took for _, took in _claims(plan)]
    print(f"put off in {len(milliseconds)} claims, {time.perf_counter() - begun:.1f} s: {_told(milliseconds)}")
    print(f"  and then a claim that finds nobody due: {next(took for _, took in _claims(plan)):.2f} ms")


def _measure_gate(campaign: Campaign) -> None:
    plan = dispatch.plan_of(campaign, None, "Asia/Kolkata")
    rows = candidates(plan, dispatch.START, 1000)
    begun = time.process_time()
    for row in rows:
        gate.judge(judging.facts_of(plan, row), plan.rules, row.at)
    print(f"the gate: {(time.process_time() - begun) * 1000:.1f} ms for {len(rows)} recipients")
    db.session.rollback()


def _claims(plan: dispatch.Plan) -> Iterator[tuple[dispatch.Claim, float]]:
    cursor = dispatch.START
    while True:
        begun = time.perf_counter()
        claimed = dispatch.claim(plan, WANTED, cursor)
        db.session.commit()
        yield claimed, (time.perf_counter() - begun) * 1000
        cursor = claimed.cursor
        if claimed.is_exhausted:
            return


def _told(milliseconds: list[float]) -> str:
    worst = sorted(milliseconds)[int(len(milliseconds) * 0.99)]
    return f"median {statistics.median(milliseconds):.2f} ms, p99 {worst:.2f} ms"


def _channel() -> Channel:
    names = ("phone_number_id", "waba_id", "business_id", "token", "app_secret", "verify_token")
    channel = Channel(name="Bench", tier="TIER_UNLIMITED", **{name: uuid4().hex for name in names})
    db.session.add(channel)
    workspace.current()
    db.session.commit()
    return channel


def _template(channel: Channel) -> MessageTemplate:
    body = {"type": "BODY", "text": "Hi {{1}}, fares to {{2}} are open.", "example": {"body_text": [["Asha", "Goa"]]}}
    template = MessageTemplate(
        channel_id=channel.id,
        meta_id="1",
        name="bench",
        language="en",
        category="MARKETING",
        status="APPROVED",
        components=[body],
        synced_at=datetime.now(UTC),
    )
    db.session.add(template)
    db.session.commit()
    return template


def _campaign(template: MessageTemplate, recipients: int) -> Campaign:
    campaign = Campaign(
        name="Bench",
        channel_id=template.channel_id,
        template_id=template.id,
        template_variables={
            "body.1": {"source": "field", "value": "name", "fallback": "there"},
            "body.2": {"source": "field", "value": "city", "fallback": "Goa"},
        },
        target_type=TargetType.ALL,
        status=CampaignStatus.SENDING,
    )
    db.session.add(campaign)
    db.session.flush()
    db.session.execute(_RECIPIENTS, {"campaign": campaign.id, "number": recipients})
    guard.hold(campaign.channel.portfolio_id)
    _commit_and_analyze()
    return campaign


def _make_customers(number: int) -> None:
    if not db.session.scalar(text("SELECT EXISTS (SELECT 1 FROM customers)")):
        db.session.execute(_CUSTOMERS, {"number": number})
        _commit_and_analyze()


def _make_older(template: MessageTemplate, number: int) -> None:
    if db.session.scalar(text("SELECT EXISTS (SELECT 1 FROM recipients)")) or not number:
        return
    for back in range(OLDER_CAMPAIGNS, 0, -1):
        campaign = _campaign(template, 0)
        campaign.status = CampaignStatus.COMPLETED
        each = number // OLDER_CAMPAIGNS
        asked = {"campaign": campaign.id, "channel": template.channel_id, "number": each, "weeks": back}
        db.session.execute(_OLDER, asked)
        _commit_and_analyze()


def _commit_and_analyze() -> None:
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE recipients, messages, customers")


_CUSTOMERS = text(
    """
    INSERT INTO customers (public_id, phone, name, city, marketing_opt_in, marketing_opt_in_at)
    SELECT gen_random_uuid(), '+9198' || lpad(n::text, 8, '0'), 'Asha ' || n, 'Pune', true, now()
    FROM generate_series(1, :number) n
    """
)
_RECIPIENTS = text(
    """
    INSERT INTO recipients (campaign_id, customer_id, position, phone, name)
    SELECT :campaign, c.id, c.id, c.phone, c.name FROM customers c ORDER BY c.id LIMIT :number
    """
)
_OLDER = text(
    """
    WITH told AS (
        INSERT INTO messages (public_id, channel_id, customer_id, campaign_id, type, phone, body, state, rank, category,
                              created_at)
        SELECT gen_random_uuid(), :channel, c.id, :campaign, 'template', '+9198' || lpad(n::text, 8, '0'), 'Hi',
               'accepted', 30, 'MARKETING', now() - make_interval(weeks => :weeks)
        FROM generate_series(1, :number) n LEFT JOIN customers c ON c.phone = '+9198' || lpad(n::text, 8, '0')
        RETURNING id, phone, customer_id)
    INSERT INTO recipients (campaign_id, position, phone, customer_id, state, message_id)
    SELECT :campaign, row_number() OVER (), phone, customer_id, 'handed', id FROM told
    """
)

if __name__ == "__main__":
    numbers = [int(number.replace(",", "")) for number in sys.argv[1:]]
    main(*(numbers + [200_000, 1_000_000][len(numbers) :]))

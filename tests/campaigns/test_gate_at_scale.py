"""A crowd with every kind of trouble: not one forbidden message, and each who gets none knows why.

BULBUL_CROWD=100000 makes it a large one.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.auth import workspace
from app.campaigns.jobs.send import send_campaign
from app.campaigns.models import Campaign, CampaignStatus, Recipient, TargetType
from app.campaigns.queries import rehearsal
from app.campaigns.service import dispatch, judging
from app.campaigns.service.candidates import candidates
from app.extensions import db
from app.messaging.engine import gate
from app.messaging.models import SkipReason
from tests import factories
from tests.campaigns import crowd
from tests.sandboxes import Sandbox

CROWD = int(os.environ.get("BULBUL_CROWD", "5000"))
AT_THE_SANDBOX = 780  # thirty of each kind
MILLISECONDS = 20  # for a thousand recipients


def before(number: int) -> Campaign:
    """A campaign that is being sent to a crowd, none of whose variables has a fallback."""
    name = {"source": "field", "value": "name", "fallback": ""}
    campaign = factories.make_campaign(
        status=CampaignStatus.SENDING,
        target_type=TargetType.ALL,
        template_variables={"body.1": name, "body.2": {"source": "text", "value": "Goa"}},
        **crowd.hours_open_from_jamaica_to_india(),
    )
    campaign.channel.tier, campaign.channel.messages_per_second = "TIER_UNLIMITED", 1000
    workspace.current().spares_only_us_area_codes = True
    crowd.gather(campaign, number)
    return campaign


def claimed_to_the_end(campaign: Campaign) -> list[str]:
    """The numbers that the claims of one tick wrote messages for."""
    plan, cursor, numbers = dispatch.plan_of(campaign, None, "Asia/Kolkata"), dispatch.START, list[str]()
    while not (claim := dispatch.claim(plan, 10, cursor)).is_exhausted:
        db.session.commit()
        numbers += [one.payload["to"] for one in claim.outgoing]
        cursor = claim.cursor
    db.session.commit()
    return numbers


def wrongly_ended(campaign: Campaign) -> list[Any]:
    """Recipients who did not meet the fate that was theirs, with what became of them."""
    query = select(Recipient.position, Recipient.state, Recipient.skip_reason, Recipient.waits_for)
    rows = db.session.execute(query.where(Recipient.campaign_id == campaign.id))
    return [row for row in rows if _fate(row) != crowd.kind_of(row.position).fate]


def _fate(row: Any) -> str:
    return row.skip_reason or row.waits_for or (crowd.GOES if row.state == "handed" else row.state)


def allowed(number: int) -> list[str | None]:
    positions = range(1, number + 1)
    return sorted(crowd.number_of(n) for n in positions if crowd.kind_of(n).fate == crowd.GOES)  # type: ignore[type-var]


def skips(number: int) -> Counter[str]:
    """How many are skipped for which reason; that two are one customer is seen only when the second comes."""
    fates = Counter(crowd.kind_of(n).fate for n in range(1, number + 1))
    return Counter({SkipReason(fate): fates[fate] for fate in set(SkipReason) - {SkipReason.DUPLICATE} if fates[fate]})


def test_every_claim_obeys_the_gate_and_says_why(app: Flask) -> None:
    campaign = before(CROWD)
    foreseen = rehearsal.rehearse(campaign).skips
    assert foreseen == skips(CROWD)
    assert sorted(claimed_to_the_end(campaign)) == allowed(CROWD)
    assert wrongly_ended(campaign) == []


def test_no_forbidden_message_reaches_the_sandbox(sandbox: Sandbox, app: Flask) -> None:
    campaign = before(AT_THE_SANDBOX)
    send_campaign(campaign.id)
    db.session.rollback()
    arrived = sandbox.control("GET", f"messages?limit={AT_THE_SANDBOX}")["messages"]
    assert sorted(one["payload"]["to"] for one in arrived) == allowed(AT_THE_SANDBOX)
    assert wrongly_ended(campaign) == []


def test_the_gate_is_quick(app: Flask) -> None:
    plan = dispatch.plan_of(before(2000), None, "Asia/Kolkata")
    rows = candidates(plan, dispatch.START, 1000)
    began = time.process_time()
    for row in rows:
        gate.judge(judging.facts_of(plan, row), plan.rules, row.at)
    assert len(rows) == 1000
    assert (time.process_time() - began) * 1000 <= MILLISECONDS

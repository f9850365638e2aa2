"""Calls that tell whether messages can be sent, and how many."""

from __future__ import annotations

from typing import Any

from flask import current_app

from app.api.calls import call
from app.api.schemas.setup import CheckOut, LimitDayOut, LimitOpeningOut, LimitOut, LimitUseOut, SetupOut
from app.api.whereabouts import channel_or_refuse
from app.campaigns.queries import limit

TAG = "Setup"


@call("GET", "/validate-setup", "channels.view", tag=TAG, answer=SetupOut)
def validate_setup() -> Any:
    """Look whether messages can be sent and webhooks come in: asks Meta, and posts to our own webhook address."""
    diagnosis = current_app.extensions["diagnosis"]()
    checks = [
        CheckOut(
            name=finding.key,
            group=group,
            level=finding.level,
            ok=finding.level != "bad",
            message=finding.sentence,
            fix=finding.fix,
        )
        for group, findings in diagnosis.groups.items()
        for finding in findings
    ]
    return SetupOut(valid=diagnosis.level != "bad", status=diagnosis.level, message=diagnosis.verdict, checks=checks)


@call("GET", "/limit", "channels.view", tag=TAG, answer=LimitOut, refusals=(409,))
def messaging_limit_now() -> Any:
    """How many more customers may be written to in these 24 hours, who used the rest, and when it comes back."""
    channel = channel_or_refuse()
    meter, portfolio = limit.meter(channel), channel.portfolio_id
    return LimitOut(
        limit=meter.limit,
        used=meter.used,
        remaining=meter.remaining,
        next_opening=meter.opens_at,
        why=meter.why,
        limit_for_campaigns=meter.for_campaigns,
        remaining_for_campaigns=meter.remaining_for_campaigns,
        next_opening_for_campaigns=meter.opens_for_campaigns_at,
        openings=[LimitOpeningOut(by=it.at, places=it.places) for it in limit.openings(portfolio)],
        used_by=[
            LimitUseOut(campaign_id=it.campaign.public_id if it.campaign else None, name=it.name, places=it.places)
            for it in limit.users(portfolio)
        ],
        days=[LimitDayOut(day=it.day, count=it.count, limit=it.limit) for it in limit.days(portfolio)],
    )

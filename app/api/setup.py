"""Calls that tell whether messages can be sent, and how many."""

from __future__ import annotations

from typing import Any

from flask import current_app

from app import config
from app.api.calls import call
from app.api.schemas.setup import CheckOut, LimitOut, SetupOut
from app.api.whereabouts import channel_or_refuse
from app.channels.limits import messaging_limit
from app.messaging.engine import guard

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
    """How many more customers may be written to in these 24 hours."""
    channel = channel_or_refuse()
    limit = messaging_limit(channel, config.current().daily_limit)
    usage = guard.usage(channel.portfolio_id, limit.value)
    opening = None if limit.value is None else guard.opening(channel.portfolio_id, limit.value, 1)
    return LimitOut(limit=limit.value, used=usage.used, remaining=usage.remaining, next_opening=opening, why=limit.why)

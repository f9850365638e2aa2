"""Calls that tell whether messages can be sent, and how many."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app import config
from app.api.calls import call
from app.api.schemas.setup import CheckOut, LimitOut, SetupOut
from app.api.whereabouts import channel_or_refuse
from app.channels.failures import sentence_of
from app.channels.limits import messaging_limit
from app.channels.models import Channel
from app.channels.queries import quick_transport_for, the_channel
from app.extensions import db
from app.message_templates.models import MessageTemplate, Status
from app.messaging.engine import guard
from app.meta.errors import MetaFailure
from app.meta.phone_numbers import read_phone_number

TAG = "Setup"


@call("GET", "/validate-setup", "channels.view", tag=TAG, answer=SetupOut)
def validate_setup() -> Any:
    """Look whether messages can be sent: the number, its token at Meta, the templates."""
    checks = [CheckOut(name="database", ok=True, message="The database answers.", fix="")]
    channel = the_channel()
    if channel is None:
        checks.append(_bad("channel", "No WhatsApp number is connected.", "Run: flask channels ensure"))
    else:
        checks += [
            CheckOut(name="channel", ok=True, message=f"{channel.name} is connected.", fix=""),
            _templates(channel),
            _token(channel),
        ]
    return SetupOut(valid=all(check.ok for check in checks), checks=checks)


@call("GET", "/limit", "channels.view", tag=TAG, answer=LimitOut, refusals=(409,))
def messaging_limit_now() -> Any:
    """How many more customers may be written to in these 24 hours."""
    channel = channel_or_refuse()
    limit = messaging_limit(channel, config.current().daily_limit)
    usage = guard.usage(channel.portfolio_id, limit.value)
    opening = None if limit.value is None else guard.opening(channel.portfolio_id, limit.value, 1)
    return LimitOut(limit=limit.value, used=usage.used, remaining=usage.remaining, next_opening=opening, why=limit.why)


def _templates(channel: Channel) -> CheckOut:
    approved = MessageTemplate.channel_id == channel.id, MessageTemplate.status == Status.APPROVED
    number = db.session.scalar(select(func.count()).select_from(MessageTemplate).where(*approved)) or 0
    if channel.templates_sync_error:
        return _bad("templates", channel.templates_sync_error, "POST /templates/sync")
    if channel.templates_synced_at is None:
        return _bad("templates", "The templates have not been read from Meta yet.", "POST /templates/sync")
    if not number:
        return _bad("templates", "No template is approved.", "Have one approved in WhatsApp Manager.")
    return CheckOut(name="templates", ok=True, message=f"{number} approved templates.", fix="")


def _token(channel: Channel) -> CheckOut:
    """Meta is asked last: no transaction may stay open across the network."""
    phone_number_id, transport = channel.phone_number_id, quick_transport_for(channel)
    db.session.rollback()
    try:
        number = read_phone_number(transport, phone_number_id)
    except MetaFailure as failure:
        return _bad("token", sentence_of(failure), "Check WHATSAPP_ACCESS_TOKEN and WHATSAPP_PHONE_ID.")
    finally:
        transport.close()
    return CheckOut(
        name="token", ok=True, message=f"Meta answers for {number.display_phone_number or phone_number_id}.", fix=""
    )


def _bad(name: str, sentence: str, fix: str) -> CheckOut:
    return CheckOut(name=name, ok=False, message=sentence, fix=fix)

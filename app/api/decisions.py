"""Calls that decide what the machine must not: failures tried again, messages in doubt taken for sent or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from app.api.access import caller
from app.api.calls import call
from app.api.progress import CAMPAIGN, completion
from app.api.schemas.decisions import Decided, WhoseDoubt
from app.api.whereabouts import campaign_of
from app.auth import audit, workspace
from app.campaigns.jobs import rings
from app.campaigns.models import Campaign, Recipient
from app.campaigns.service import decisions
from app.extensions import db
from app.messaging.models import Message
from app.shared import phone
from app.shared.errors import Invalid

TAG = "Sending"
Verb = Callable[[Campaign, Sequence[int] | None], int]


@call("POST", f"{CAMPAIGN}/retry-failed", "campaigns.send", tag=TAG, answer=Decided, refusals=(409,))
def retry_failed(campaign_id: UUID) -> Any:
    """Try those once more whose failure another attempt can mend.

    A completed campaign is being sent again then. Who cannot get the message at all (no WhatsApp, opted out, values
    that Meta does not take) stays failed; who got too much marketing is tried a day after the failure.
    """
    campaign = campaign_of(campaign_id)
    return _decided(campaign, "retry_failed", decisions.retry_failed(campaign))


@call("POST", f"{CAMPAIGN}/assume-sent", "campaigns.send", tag=TAG, answer=Decided, refusals=(409,))
def assume_sent(campaign_id: UUID, json: WhoseDoubt) -> Any:
    """Take unconfirmed messages for sent. News from Meta that come after all count instead."""
    return _decide(campaign_id, "assume_sent", decisions.assume_sent, json)


@call("POST", f"{CAMPAIGN}/send-again", "campaigns.send", tag=TAG, answer=Decided, refusals=(409,))
def send_again(campaign_id: UUID, json: WhoseDoubt) -> Any:
    """Write anew to those whose message is unconfirmed. Whoever got it after all may get it twice."""
    return _decide(campaign_id, "send_again", decisions.send_again, json)


def _decide(campaign_id: UUID, deed: str, verb: Verb, asked: WhoseDoubt) -> Decided:
    campaign = campaign_of(campaign_id)
    whom = None if asked.recipients is None else _recipients(campaign, asked.recipients)
    return _decided(campaign, deed, verb(campaign, whom))


def _decided(campaign: Campaign, deed: str, number: int) -> Decided:
    audit.record(f"campaign.{deed}", campaign, by=caller(), number=number)
    db.session.commit()
    rings.ring_for(campaign)
    return Decided(
        id=campaign.public_id,
        status=campaign.status,
        estimated_completion=completion(campaign),
        recipients=number,
    )


def _recipients(campaign: Campaign, names: Sequence[str]) -> list[int]:
    """The recipients with these numbers, or whose messages have these ids. Raises `Invalid` for the first unknown."""
    wanted = {named: _uuid(named) or _number(named) for named in names}
    found = _by(campaign, Recipient.phone, _of(str, wanted)) | _by(campaign, Message.public_id, _of(UUID, wanted))
    for named, key in wanted.items():
        if key not in found:
            raise Invalid(f"Nobody in this campaign has {named}.", "recipients")
    return [found[key] for key in wanted.values()]


def _by(campaign: Campaign, name: InstrumentedAttribute[Any], keys: Sequence[str | UUID]) -> dict[str | UUID, int]:
    """Each kind of name by its own index."""
    query = select(name, Recipient.id).where(Recipient.campaign_id == campaign.id, name.in_(keys))
    if name is Message.public_id:
        query = query.join(Message, Message.id == Recipient.message_id)
    return dict(db.session.execute(query).all()) if keys else {}


def _of(kind: type, wanted: Mapping[str, str | UUID]) -> list[str | UUID]:
    return [key for key in wanted.values() if isinstance(key, kind)]


def _number(written: str) -> str:
    try:
        return phone.parse(written, workspace.current().default_region)
    except phone.Unusable as reason:
        raise Invalid(f"{written} cannot be used: {reason}.", "recipients") from reason


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None

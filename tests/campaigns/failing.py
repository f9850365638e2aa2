"""Campaigns whose messages fail: what Meta answers, and what it reports later."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from sqlalchemy import text

from app.campaigns.jobs import heed
from app.campaigns.models import Campaign, CampaignStatus, Recipient, RecipientState
from app.campaigns.service import dispatch, outcomes
from app.campaigns.service.policy import Trouble
from app.extensions import db
from app.messaging.engine.sender import Outcome, Verdict
from app.messaging.models import Message
from app.webhooks import jobs
from app.webhooks.inbox import the_inbox
from tests import factories
from tests.webhooks.digesting import body, status, value

FIRST_PHONE = 919800000001


def sending(recipients: int, first_phone: int = FIRST_PHONE, **columns: Any) -> Campaign:
    """A campaign that is being sent, with so many recipients."""
    columns = {"status": CampaignStatus.SENDING, "target_type": "imported"} | columns
    campaign = factories.make_campaign(**columns)
    campaign.channel.messages_per_second = 1000
    factories.make_recipients(campaign, recipients, first_phone)
    db.session.commit()
    return campaign


def claimed(campaign: Campaign, number: int = 1) -> list[int]:
    """The ids of so many messages of the campaign, on their way from now on."""
    claim = dispatch.claim(dispatch.plan_of(campaign, None, "UTC"), number)
    db.session.commit()
    return [outgoing.message_id for outgoing in claim.outgoing]


def refused(campaign: Campaign, message_ids: list[int], code: int) -> Trouble | None:
    """Meta's answer to these: no."""
    return settled(campaign, [Outcome(message_id, Verdict.REFUSED, code=code) for message_id in message_ids])


def taken(campaign: Campaign, message_ids: list[int]) -> Trouble | None:
    """Meta's answer to these: yes."""
    return settled(campaign, [Outcome(one, Verdict.ACCEPTED, wamid=f"wamid.{one}") for one in message_ids])


def in_doubt(campaign: Campaign, message_ids: list[int], minutes: int = 20) -> None:
    """No clear answer came to these, and no news for so long."""
    settled(campaign, [Outcome(message_id, Verdict.UNKNOWN, code=-2) for message_id in message_ids])
    age = {"ids": message_ids, "minutes": minutes}
    ages = "UPDATE messages SET created_at = now() - make_interval(mins => :minutes) WHERE id = ANY(:ids)"
    db.session.execute(text(ages), age)
    db.session.commit()


def settled(campaign: Campaign, answers: list[Outcome]) -> Trouble | None:
    trouble = outcomes.settle(dispatch.plan_of(campaign, None, "UTC"), answers, {})
    db.session.commit()
    db.session.expire_all()
    return trouble


def told(message_ids: list[int], word: str, code: int | None = None, *, heeding: bool = True) -> None:
    """Meta reports this of these messages, and we digest it; the campaigns heed it unless told otherwise."""
    errors = {"errors": [{"code": code, "title": "No"}]} if code else {}
    now = datetime.now(UTC)
    messages = [db.session.get_one(Message, message_id) for message_id in message_ids]
    the_inbox().keep(body(value(statuses=[status(message, word, now, **errors) for message in messages])))
    with patch.object(jobs, "QUIET", 0.02):
        jobs.digest_events()
    if heeding:
        heed.heed_failures()
    db.session.expire_all()


def everybody_is_due() -> None:
    """Time passes: whoever waits may be written to now."""
    db.session.execute(text("UPDATE recipients SET due_at = now() - interval '1 second' WHERE state = 'pending'"))
    db.session.execute(text("UPDATE messages SET created_at = created_at - interval '10 seconds'"))
    db.session.commit()


def pending() -> int:
    return db.session.query(Recipient).filter_by(state=RecipientState.PENDING).count()


def only(model: type[Any]) -> Any:
    """The one row of this table, as it is now."""
    db.session.expire_all()
    return db.session.query(model).one()

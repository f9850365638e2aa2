"""What timelines of customers are told of campaigns: which they were in, and what became of that."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from sqlalchemy import func, select

from app.campaigns.models import Campaign, Recipient
from app.campaigns.queries import people
from app.customers.models import Customer
from app.customers.moments import after
from app.customers.timeline import Link, Moment, Place, Source, register
from app.extensions import db
from app.messaging.contents import content_of
from app.messaging.models import Message

NAME = "campaigns"
AT = func.coalesce(Message.created_at, Recipient.created_at)


def tell() -> None:
    """Let timelines tell of campaigns."""
    register(Source(NAME, "Campaigns", _campaigns))


def _campaigns(customer: Customer, place: Place | None, number: int) -> Sequence[Moment]:
    query = (
        select(Recipient, Message, Campaign)
        .join(Campaign, Campaign.id == Recipient.campaign_id)
        .outerjoin(Message, Message.id == Recipient.message_id)
        .where(Recipient.customer_id == customer.id, after(place, NAME, AT, Recipient.id))
        .order_by(AT.desc(), Recipient.id.desc())
        .limit(number)
    )
    return [_moment(*row) for row in db.session.execute(query)]


def _moment(recipient: Recipient, message: Message | None, campaign: Campaign) -> Moment:
    status = people.status_of(recipient, message)
    told = filter(None, (content_of(message).line if message else "", people.reason_of(recipient, message)))
    url = url_for("campaigns.show_person", public_id=campaign.public_id, recipient_id=recipient.id)
    return Moment(
        message.created_at if message else recipient.created_at,
        recipient.id,
        "speakerphone",
        f"Campaign “{campaign.name}”",
        " · ".join(told),
        badge=(status, ""),
        links=(Link("See it in the campaign", url),),
    )

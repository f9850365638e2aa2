"""The subscription by which Meta tells us what happens."""

from __future__ import annotations

from app.channels.queries import quick_transport_for, the_channel
from app.extensions import db
from app.meta.subscriptions import subscribe_app
from app.shared.errors import Missing

# What to tick in Meta's app, and what is not known without it.
FIELDS = {
    "messages": "What customers write, and what became of each message",
    "user_preferences": "Who wants no more marketing",
    "message_template_status_update": "Templates approved, rejected, paused",
    "message_template_quality_update": "How customers take a template",
    "message_template_components_update": "Templates edited elsewhere",
    "template_category_update": "Templates that become dearer",
    "phone_number_quality_update": "How customers take the number",
    "phone_number_name_update": "The display name",
    "business_capability_update": "The messaging limit",
    "account_update": "Restrictions and bans",
    "account_review_update": "The account's review",
    "account_alerts": "Meta's warnings",
    "security": "Changes of the number's PIN",
}


def subscribe() -> None:
    """Let Meta tell the token's app about the business account. Raises Missing or MetaFailure."""
    if (channel := the_channel()) is None:
        raise Missing("There is no channel yet.")
    waba_id, transport = channel.waba_id, quick_transport_for(channel)
    db.session.rollback()  # no transaction may stay open across the network
    try:
        subscribe_app(transport, waba_id)
    finally:
        transport.close()

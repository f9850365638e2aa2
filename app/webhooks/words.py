"""The journal's kinds of events in words."""

from __future__ import annotations

KINDS = {
    "messages.statuses": "Message statuses",
    "messages.text": "Text messages",
    "messages.button": "Button taps",
    "messages.interactive": "Choices",
    "messages.image": "Pictures",
    "messages.video": "Videos",
    "messages.audio": "Voice and audio",
    "messages.document": "Documents",
    "messages.sticker": "Stickers",
    "messages.location": "Locations",
    "messages.contacts": "Contact cards",
    "messages.reaction": "Reactions",
    "messages.order": "Orders",
    "messages.system": "Changed numbers",
    "messages.edit": "Edited messages",
    "messages.revoke": "Taken-back messages",
    "messages.unsupported": "Messages of an unknown type",
    "messages.payment": "Payments",
    "messages.errors": "Errors of Meta's",
    "messages.user_actions": "Clicks",
    "messages": "Empty news of messages",
    "user_preferences": "Marketing preferences",
    "message_template_status_update": "Template status",
    "message_template_quality_update": "Template quality",
    "message_template_components_update": "Template text",
    "template_category_update": "Template category",
    "phone_number_quality_update": "Number quality",
    "phone_number_name_update": "Display name",
    "business_capability_update": "Messaging limit",
    "account_update": "Account",
    "account_alerts": "Account alerts",
    "account_review_update": "Account review",
    "security": "Security",
    "unreadable": "Unreadable",
}
COLORS = {"messages.statuses": "secondary", "unreadable": "red", "messages.errors": "red"}


def kind(name: str) -> str:
    """That kind in words; one that is new to us by its own name."""
    return KINDS.get(name) or name.removeprefix("messages.").replace("_", " ").capitalize()


def color(name: str) -> str:
    """The colour of its badge: what customers do stands out from the mass of statuses."""
    return COLORS.get(name) or ("purple" if name.startswith("messages") else "azure")

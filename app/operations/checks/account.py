"""The business account: whether it is the real one, reviewed, unrestricted, with templates to send."""

from __future__ import annotations

from sqlalchemy import func, select

from app import config
from app.channels.queries import the_channel
from app.channels.service import blocked
from app.extensions import db
from app.message_templates.models import MessageTemplate, Status
from app.operations.checks.findings import Finding, bad, ok, warn
from app.operations.checks.interview import Told

SUPPORT = "Ask for a review in Meta's Business Support Home."


def connection() -> Finding:
    """A real account is connected, or the sandbox stands in."""
    if config.current().sandbox:
        sentence = "The sandbox stands in for Meta: nothing reaches a real phone."
        return warn("Connection", sentence, "Set the WHATSAPP_ settings and start again to connect your number.")
    return ok("Connection", f"Meta is asked at {config.current().graph_url}.")


def review(told: Told) -> Finding | None:
    """Meta reviewed the business account."""
    if failure := told.failures.get("account"):
        sentence = f"Meta tells nothing of the business account. {failure.meaning.sentence}"
        return bad("Business account", sentence, "Check WHATSAPP_BUSINESS_ACCOUNT_ID.")
    if told.account is None or not (status := told.account.review_status):
        return None
    if status == "APPROVED":
        return ok("Business account", "Meta approved it.")
    if status == "REJECTED":
        return bad("Business account", "Meta rejected it.", SUPPORT)
    return warn("Business account", "Meta still reviews it.", "Wait for the review; complete what Meta asks for.")


def restriction() -> Finding | None:
    """Why nothing leaves although everything else may be well; None when nothing stands in the way."""
    channel = the_channel()
    if channel is None or (sentence := blocked(channel)) is None:
        return None
    return bad("Restriction", sentence, SUPPORT)


def templates() -> Finding | None:
    """At least one message template can be sent."""
    if (channel := the_channel()) is None:
        return None
    if channel.templates_sync_error:
        return bad("Templates", channel.templates_sync_error, "Fetch the templates once more on their page.")
    if channel.templates_synced_at is None:
        return warn("Templates", "They have not been fetched from Meta yet.", "Fetch them on the Templates page.")
    approved = MessageTemplate.channel_id == channel.id, MessageTemplate.status == Status.APPROVED
    number = db.session.scalar(select(func.count()).select_from(MessageTemplate).where(*approved))
    if not number:
        return warn("Templates", "None is approved.", "Submit one on the Templates page and wait for Meta's review.")
    return ok("Templates", f"{number} {'is' if number == 1 else 'are'} approved.")

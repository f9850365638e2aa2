"""Meta's news of message templates: status, quality, category, text. A template unknown to us is fetched."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.campaigns.service import stops
from app.extensions import db
from app.message_templates import events
from app.message_templates.models import MessageTemplate, Status
from app.meta.foreign import mapping, moment, text
from app.webhooks.account.told import Told, Unusable

# Meta's event -> the status the template has then. A flagged one can still be sent.
STATUSES = {
    "APPROVED": "APPROVED",
    "REINSTATED": "APPROVED",
    "UNARCHIVED": "APPROVED",
    "PENDING": "PENDING",
    "REJECTED": "REJECTED",
    "PAUSED": "PAUSED",
    "DISABLED": "DISABLED",
    "IN_APPEAL": "IN_APPEAL",
    "LIMIT_EXCEEDED": "LIMIT_EXCEEDED",
    "LOCKED": "LOCKED",
    "ARCHIVED": "ARCHIVED",
    "PENDING_DELETION": "PENDING_DELETION",
    "DELETED": "DELETED",
}
UNPAUSE = "UNPAUSE"
NOTHING = "NONE"
# How long Meta's pauses last. A forecast: the template is back when Meta says so.
PAUSES = {"FIRST_PAUSE": timedelta(hours=3), "SECOND_PAUSE": timedelta(hours=6)}


def status(told: Told) -> None:
    """A template is approved, rejected, paused, disabled, … : its campaigns stop, or go on."""
    event, template = told.word("event"), _template(told)
    title = (text(mapping(told.value.get("other_info")).get("title")) or "").upper()
    if template is None:
        return
    if event == "FLAGGED":
        events.flag(template, told.at, _why(told))
        return
    to = Status.APPROVED if title == UNPAUSE else STATUSES.get(event)
    if to is None:
        told.ring_sync()
        return
    if events.change_status(template, to, told.at, _reason(told), _why(told)):
        _heed(told, template, PAUSES.get(title))


def quality(told: Told) -> None:
    """Customers like a template more or less than before."""
    score, template = told.word("new_quality_score"), _template(told)
    if template is not None:
        events.change_quality(template, score, told.at)


def category(told: Told) -> None:
    """Meta moved a template to another category, or will."""
    template = _template(told)
    if template is None:
        return
    coming = told.maybe("correct_category")
    comes_at = moment(told.value.get("category_update_timestamp"))
    if coming and coming.upper() != template.category:
        events.announce_category(template, coming.upper(), comes_at, told.at)
    else:
        events.change_category(template, told.word("new_category"), told.at)


def components(told: Told) -> None:
    """A template's text changed: we note when, and read the whole from Meta."""
    template = _template(told)
    if template is not None:
        events.note_edit(template, told.at)
        told.ring_sync()


def _heed(told: Told, template: MessageTemplate, pause: timedelta | None) -> None:
    if template.is_sendable:
        told.ring_sending(stops.template_back(template))
    else:
        stops.template_stopped(template, told.at + pause if pause else None)


def _template(told: Told) -> MessageTemplate | None:
    """The one it is about, by Meta's id, else by name and language. None rings a sync: it may be new."""
    meta_id, name, language = (told.maybe(f"message_template_{part}") for part in ("id", "name", "language"))
    if meta_id is None and (name is None or language is None):
        raise Unusable("names no template")
    mine = select(MessageTemplate).where(MessageTemplate.channel_id == told.channel.id)
    found = db.session.scalar(mine.where(MessageTemplate.meta_id == meta_id)) if meta_id else None
    if found is None and name and language:
        found = db.session.scalar(mine.where(MessageTemplate.name == name, MessageTemplate.language == language))
    if found is None:
        told.ring_sync()
    return found


def _reason(told: Told) -> str | None:
    """Meta's word for the reason; NONE is none."""
    word = told.maybe("reason")
    return None if word is None or word.upper() == NOTHING else word


def _why(told: Told) -> str | None:
    """Meta's own sentences about it, of a rejection, a pause or a disabling."""
    rejection, other = mapping(told.value.get("rejection_info")), mapping(told.value.get("other_info"))
    disabled = moment(mapping(told.value.get("disable_info")).get("disable_date"))
    said = [text(rejection.get("reason")), text(rejection.get("recommendation")), text(other.get("description"))]
    if disabled:
        said.append(f"From {disabled:%d %B %Y} on.")
    return " ".join(filter(None, said)) or None

"""Yes and no to marketing, out of what customers write and choose in WhatsApp: the ledger, the credit, the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.channels.models import Channel
from app.customers.models import Customer
from app.customers.service import consent, suppression
from app.customers.service.consent_words import Rules
from app.extensions import db
from app.messaging.engine import gate, replies
from app.messaging.engine.answers import CHOICE
from app.messaging.engine.persons import Book, Identity
from app.messaging.models import WINDOW, Message
from app.meta.foreign import mapping
from app.meta.payloads import InboundMessage, StatusEvent
from app.shared import clock

WROTE = "whatsapp"
CHOSE = "whatsapp_preferences"
REFUSED = "whatsapp_refusal"
STOPPED = 131050  # Meta's error for a marketing message to somebody who stopped them
MARKETING = "marketing_messages"
ANSWERS = {"stop": False, "resume": True, "signup": True}
TELLING = ("text", "button", "interactive")  # where words can be a yes or a no


@dataclass(frozen=True, slots=True)
class Stop:
    """Meta refused a message because whom it was for has stopped our marketing; since when, the identity tells."""

    who: Identity
    wamid: str | None
    code: int = STOPPED


def answer_in(rules: Rules, message: InboundMessage) -> bool | None:
    """Whether this says yes or no to marketing; None when it says something else."""
    if message.type == CHOICE:
        is_ours = mapping(message.raw.get("preference")).get("category") in (None, MARKETING)
        return ANSWERS.get(message.text or "") if is_ours else None
    return rules.answer_in(message.text, message.payload) if message.type in TELLING else None


def take_answer(rules: Rules, channel: Channel, customer: Customer, message: Message, granted: bool) -> int | None:
    """Let a customer's yes or no hold; the id of the confirmation that waits to be sent, if there is one.

    Only a change is confirmed, and only while the window of that very message is open; a choice in WhatsApp's
    settings Meta confirms itself.
    """
    assert message.sent_at is not None
    before = customer.marketing_opt_in, customer.is_opted_out
    source, evidence = _proof(message)
    consent.record_consent(customer, granted, source, message.body, None, at=message.sent_at, evidence=evidence)
    has_changed = before != (customer.marketing_opt_in, customer.is_opted_out)
    if granted and suppression.is_suppressed(customer.phone, customer.user_id):
        return None  # what they said is kept, and does not help: no word of ours may say that it does
    words = rules.reply_to(granted) if source == WROTE else ""
    if not (words and has_changed and gate.may_speak_freely(message.sent_at + WINDOW, clock.now())):
        return None
    return replies.write_text(channel.id, customer, words, message.id).id


def _proof(message: Message) -> tuple[str, Mapping[str, object]]:
    if message.type == CHOICE:
        return CHOSE, message.raw or {}
    return WROTE, {"wamid": message.wamid}


def apply_refusals(statuses: Sequence[StatusEvent]) -> None:
    """Whoever Meta says has stopped our marketing messages has said no, also when nobody knew them as a customer."""
    take_stops(
        [
            Stop(Identity(event.recipient_id, event.recipient_user_id, event.at), event.wamid)
            for event in statuses
            if event.error_code == STOPPED
        ]
    )


def take_stops(stops: Sequence[Stop]) -> None:
    """Let these hold. Whoever calls holds the inbound lock (`inbound.hold`): somebody may have to be made for it."""
    told = {stop.who: stop for stop in stops if stop.who.is_somebody}
    book = Book(told)
    for identity, stop in told.items():
        _refuse(book.person(identity), stop)


def _refuse(customer: Customer, stop: Stop) -> None:
    """Statuses come twice, and this one takes effect by each."""
    db.session.flush()
    if not consent.is_known(customer, False, REFUSED, stop.who.at):
        evidence = {"wamid": stop.wamid, "code": stop.code}
        consent.record_consent(customer, False, REFUSED, None, None, at=stop.who.at, evidence=evidence)

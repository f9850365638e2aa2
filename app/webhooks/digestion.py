"""Digestion: what Meta posted takes effect. Statuses first and by the hundred; the rest one worker at a time.

Two halves, each a transaction of its own, so that the many statuses never wait for what customers do. All of it may
be done again: what was done before is not done twice.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from app.campaigns.jobs.heed import heed_failures
from app.channels.models import Channel
from app.extensions import db
from app.messaging.engine import choices, inbound, persons, receipts
from app.messaging.jobs import send_waiting
from app.meta import payloads
from app.shared import clock, queues
from app.shared.queues import Ring
from app.webhooks.account import apply as account
from app.webhooks.models import WebhookEvent

LIMIT_EXCEEDED = "54"  # the class of these among PostgreSQL's error codes
FAILED = "failed"
MOST_FAULTS = 20  # told of one event, which may hold a thousand items

log = structlog.get_logger()


@dataclass(slots=True)
class Digest:
    """One event read: what is in it, and what could not be read or done."""

    event_id: int = 0
    kinds: list[str] = field(default_factory=list)
    statuses: list[payloads.StatusEvent] = field(default_factory=list)
    messages: list[payloads.InboundMessage] = field(default_factory=list)
    preferences: list[payloads.Preference] = field(default_factory=list)
    clicks: list[payloads.LinkClick] = field(default_factory=list)
    changes: list[payloads.AccountChange] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def deeds(self) -> list[payloads.InboundMessage]:
        """All that customers did: what they wrote, what they chose, which links they opened."""
        chosen, opened = map(inbound.of_preference, self.preferences), map(inbound.of_click, self.clicks)
        return [*self.messages, *chosen, *opened]

    @property
    def refusals(self) -> list[payloads.StatusEvent]:
        """Statuses that say more than what became of a message: its customer has stopped our marketing."""
        return [status for status in self.statuses if status.error_code == choices.STOPPED]

    @property
    def has_news(self) -> bool:
        """Whether there is anything besides what became of messages."""
        return bool(self.messages or self.preferences or self.clicks or self.changes or self.refusals)

    @property
    def has_failures(self) -> bool:
        """Whether Meta says of some message that it failed; then its campaign may have to act."""
        return any(status.status == FAILED for status in self.statuses)

    def names(self, people: Sequence[persons.Identity]) -> bool:
        """Whether a status of it is about one of these people."""
        users = {person.user_id for person in people}
        return bool(users) and any(status.recipient_user_id in users for status in self.statuses)


def read(body: bytes, event_id: int = 0) -> Digest:
    """What stands in a body. Never raises: what cannot be read is a fault, and its neighbours are read."""
    found = Digest(event_id)
    try:
        envelope = json.loads(body)
    except (ValueError, RecursionError):
        found.faults.append("The body is no JSON.")
        return found

    def blame(bad: payloads.BadItem) -> None:
        found.faults.append(f"An item {bad.reason}.")

    found.kinds = payloads.kinds(envelope)
    found.statuses = list(payloads.statuses(envelope, blame))
    found.messages = list(payloads.inbound_messages(envelope, blame))
    found.preferences = list(payloads.preferences(envelope, blame))
    found.clicks = list(payloads.link_clicks(envelope, blame))
    found.changes = list(payloads.account_changes(envelope, blame))
    for _ in payloads.payments(envelope, blame):
        pass  # they stay in the event; one that cannot be read is told
    return found


@dataclass(frozen=True, slots=True)
class Applied:
    """The ids of events that hold news besides statuses, not done yet; and whether some message has failed."""

    with_news: list[int]
    has_failures: bool


def digest_statuses(events: Sequence[WebhookEvent]) -> Applied:
    """Apply all statuses of these events in one statement."""
    digests = [read(event.body, event.id) for event in events]
    doubles = _apply_statuses([status for found in digests for status in found.statuses])
    with_news = {found.event_id for found in digests if found.has_news or found.names(doubles)}
    _finish_together([found for found in digests if found.event_id not in with_news])
    return Applied(sorted(with_news), any(found.has_failures for found in digests))


def digest_news(events: Sequence[WebhookEvent]) -> list[Ring]:
    """Apply what these events hold besides statuses; answers who is to be rung for after the commit."""
    digests = [read(event.body, event.id) for event in events]
    inbound.hold()
    rings = list(_apply_news(digests))
    for event, found in zip(events, digests, strict=True):
        _finish(event, found)
    return rings


def digest_items(event: WebhookEvent) -> list[Ring]:
    """Apply an event item by item, each in a savepoint: one that cannot be applied is a fault, its neighbours are."""
    found = read(event.body, event.id)
    inbound.hold()
    rings: list[Ring] = []
    for item in _single_items(found):
        try:
            with db.session.begin_nested():
                _apply_statuses(item.statuses)
                rings += _apply_news([item])
        except Exception as error:
            if is_trouble(error):
                raise
            log.exception("webhook.item_failed", event_id=event.id)
            found.faults.append(f"{_kind_of(item)} could not be applied ({type(error).__name__}).")
        found.faults += item.faults
    _finish(event, found)
    return [*rings, Ring(queues.RECEIPTS, heed_failures, ())] if found.has_failures else rings


def is_trouble(error: Exception) -> bool:
    """Whether the database is in trouble (away, full, a deadlock): no fault of what was to be digested.

    What exceeds its limits (a key too long for an index) PostgreSQL reports in the same class, and always will.
    """
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    return isinstance(error, OperationalError) and not state.startswith(LIMIT_EXCEEDED)


def _apply_statuses(statuses: Sequence[payloads.StatusEvent]) -> list[persons.Identity]:
    doubles = persons.learn_user_ids(statuses)
    matched = receipts.apply_statuses(statuses)
    if matched < len(statuses):
        log.info("webhook.stray_statuses", count=len(statuses) - matched)
    return doubles


def _apply_news(digests: Sequence[Digest]) -> Iterator[Ring]:
    """Account first (it locks channels and campaigns), then who is who, then what customers did."""
    for found in digests:
        for change in found.changes:
            yield from account.apply(change, found.event_id)
    inbound.join([status for found in digests for status in found.statuses])
    yield from _receive(digests)
    choices.apply_refusals([item for found in digests for item in found.refusals])


def _receive(digests: Sequence[Digest]) -> Iterator[Ring]:
    channels = {channel.phone_number_id: channel for channel in db.session.scalars(select(Channel))}
    of_channel: dict[str, list[payloads.InboundMessage]] = defaultdict(list)
    for found in digests:
        for message in found.deeds:
            number = message.phone_number_id or next(iter(channels), "")
            if number in channels:
                of_channel[number].append(message)
            else:
                found.faults.append(f"A message is for the number {number or 'of nobody'}, which is not connected.")
    for number, messages in of_channel.items():
        received = inbound.receive(messages, channels[number])
        yield from (Ring(queues.SENDS, send_waiting, (message_id,)) for message_id in received.waiting)


def _single_items(found: Digest) -> Iterator[Digest]:
    """The event's items, each as if it had come alone."""
    for name in ITEMS:
        for item in getattr(found, name):
            yield Digest(found.event_id, **{name: [item]})


ITEMS = {
    "statuses": "A status",
    "changes": "A change of the account",
    "messages": "A message",
    "preferences": "A choice",
    "clicks": "An opened link",
}


def _kind_of(item: Digest) -> str:
    return next(words for name, words in ITEMS.items() if getattr(item, name))


def _finish(event: WebhookEvent, found: Digest) -> None:
    event.kinds, event.digested_at = found.kinds, clock.now()
    event.error = _told(found.faults) or None


def _finish_together(digests: Sequence[Digest]) -> None:
    """One statement for all that are alike, and most are: hundreds of their own would take longer than the statuses."""
    alike: dict[tuple[str | None, tuple[str, ...]], list[int]] = defaultdict(list)
    for found in digests:
        alike[_told(found.faults) or None, tuple(found.kinds)].append(found.event_id)
    for (error, kinds), ids in alike.items():
        facts = {"kinds": list(kinds), "digested_at": clock.now(), "error": error}
        those = update(WebhookEvent).where(WebhookEvent.id.in_(ids)).values(facts)
        db.session.execute(those.execution_options(synchronize_session=False))


def _told(faults: Sequence[str]) -> str:
    rest = len(faults) - MOST_FAULTS
    return " ".join([*faults[:MOST_FAULTS], *([f"And {rest} more."] if rest > 0 else [])])

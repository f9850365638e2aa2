"""What customers send: stored with their conversations, joined to what it answers, obeyed when it says stop.

One worker at a time does this (`hold`): deciding who somebody is, or whether a stop is news, must not happen twice
at once. It is set-based, so one is enough; statuses, which are most of what comes, do not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, text

from app.channels.models import Channel
from app.customers.models import Customer
from app.customers.service import consent_words
from app.customers.service.consent_words import Rules
from app.extensions import db
from app.messaging.engine import answers, choices, conversations, persons
from app.messaging.engine.answers import CHOICE, CLICK
from app.messaging.engine.conversations import NO_MESSAGES, SIGN
from app.messaging.engine.persons import Book, Identity
from app.messaging.models import Direction, Message, MessageState
from app.meta.payloads import InboundMessage, LinkClick, Move, Preference, StatusEvent, move_in


@dataclass(slots=True)
class Received:
    """What a batch brought: how many messages were new, and which confirmations wait to be sent."""

    stored: int = 0
    waiting: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A message with whom it is from, if that can be known, and what it says to marketing."""

    said: InboundMessage
    identity: Identity
    customer: Customer | None
    message: Message
    answer: bool | None

    @property
    def is_message(self) -> bool:
        return self.said.type not in NO_MESSAGES

    @property
    def shows(self) -> bool:
        """Whether it belongs into the conversation with this customer. In a group nobody speaks to us alone."""
        return not self.said.group_id and (self.is_message or self.said.type == SIGN)


def hold() -> None:
    """Be the only one who digests what customers do, until the commit. Before any other lock."""
    db.session.execute(_HOLD)


def receive(messages: Sequence[InboundMessage], channel: Channel) -> Received:
    """Store these messages, each once, with all that follows from them. In any order the end is the same."""
    new = _new(messages)
    if not new:
        return Received()
    rules = consent_words.rules()
    arrivals = [_arrival(message, customer, channel, rules) for message, customer in _senders(new)]
    known = [(arrival.identity, arrival.customer) for arrival in arrivals if arrival.customer]
    answers.take_over(known, [arrival.said.context_id for arrival in arrivals if arrival.said.context_id])
    db.session.add_all(arrival.message for arrival in arrivals)
    db.session.flush()
    conversations.touch(channel.id, conversations.said(_shown(arrivals)))
    answers.link([arrival.message.id for arrival in arrivals])
    answers.link_late([arrival.said.wamid for arrival in arrivals])
    return Received(len(arrivals), _obey(arrivals, channel, rules))


def join(statuses: Sequence[StatusEvent]) -> None:
    """Make one of two customers where a delivery proves that the number of one and the id of the other are a person's.

    Otherwise a stop said under the one would not hold for what is sent to the other.
    """
    if doubles := persons.learn_user_ids(statuses):
        book = Book(doubles)
        people = [(identity, book.person(identity)) for identity in doubles]
        db.session.flush()
        answers.take_over([(identity, book.now(customer)) for identity, customer in people])


def of_click(click: LinkClick) -> InboundMessage:
    """An opened link as it is kept among the messages, with a name of ours to know it again by."""
    identity = Identity(click.phone, click.user_id, click.at)
    return _deed(CLICK, identity, None, {"link_click": True}, click.phone_number_id)


def of_preference(item: Preference) -> InboundMessage:
    """A choice made in WhatsApp's own settings as it is kept among the messages."""
    identity = Identity(item.phone, item.user_id, item.at, item.profile_name)
    return _deed(CHOICE, identity, item.value, {"preference": item.raw}, item.phone_number_id)


def _deed(
    kind: str, who: Identity, words: str | None, raw: dict[str, object], phone_number_id: str | None
) -> InboundMessage:
    """Meta gives these no id; the same person, second and choice are the same deed."""
    name = f"{kind}.{who.user_id or who.phone}.{int(who.at.timestamp())}.{words or ''}"
    return InboundMessage(name, who.phone, who.user_id, who.name, kind, words, None, who.at, raw, phone_number_id)


def _new(messages: Sequence[InboundMessage]) -> list[InboundMessage]:
    """Those we have not stored, each once, in the order of their own time; within a second, as they came."""
    by_wamid: dict[str, InboundMessage] = {}
    for message in messages:
        by_wamid.setdefault(message.wamid, message)
    stored = set(db.session.scalars(select(Message.wamid).where(Message.wamid.in_(by_wamid))))
    return sorted((message for wamid, message in by_wamid.items() if wamid not in stored), key=_time)


def _senders(messages: Sequence[InboundMessage]) -> list[tuple[InboundMessage, Customer | None]]:
    """Each message with its customer, as they are known when all of the batch has been heard."""
    moves = {message.wamid: move for message in messages if (move := move_in(message))}
    book = Book(identity for message in messages for identity in _named(message, moves.get(message.wamid)))
    senders = [(message, _sender(book, message, moves.get(message.wamid))) for message in messages]
    db.session.flush()
    return [(message, book.now(customer) if customer else None) for message, customer in senders]


def _named(message: InboundMessage, move: Move | None) -> list[Identity]:
    """Everybody whom a message names."""
    if move is None:
        return [_identity(message)]
    return [
        _identity(message),
        Identity(move.old_phone, move.old_user_id, message.at),
        Identity(move.new_phone, move.new_user_id, message.at),
    ]


def _sender(book: Book, message: InboundMessage, move: Move | None) -> Customer | None:
    if move is not None:
        return book.move(move, message.at)
    identity = _identity(message)
    return book.person(identity) if identity.is_somebody else None


def _identity(message: InboundMessage) -> Identity:
    return Identity(message.from_phone, message.from_user_id, message.at, message.profile_name, message.username)


def _arrival(message: InboundMessage, customer: Customer | None, channel: Channel, rules: Rules) -> _Arrival:
    identity, answer = _identity(message), choices.answer_in(rules, message)
    row = Message(
        channel_id=channel.id,
        customer_id=customer.id if customer else None,
        direction=Direction.IN,
        type=message.type,
        phone=next(iter(identity.numbers), None),
        body=message.text,
        wamid=message.wamid,
        state=MessageState.RECEIVED,
        sent_at=message.at,
        context_wamid=message.context_id,
        raw=message.raw,
    )
    if answer is False:
        # To be known also when the message that it answers comes later. Not set at all otherwise: None is JSON's null.
        row.payload = {"opted_out": True}
    return _Arrival(message, identity, customer, row, answer)


def _shown(arrivals: Sequence[_Arrival]) -> Iterator[tuple[int, datetime, bool]]:
    for arrival in arrivals:
        if arrival.customer and arrival.shows:
            yield arrival.customer.id, arrival.said.at, arrival.is_message


def _obey(arrivals: Sequence[_Arrival], channel: Channel, rules: Rules) -> list[int]:
    """Let each yes and no hold, in the order they were said; the confirmations that wait to be sent."""
    waiting = (
        choices.take_answer(rules, channel, arrival.customer, arrival.message, arrival.answer)
        for arrival in arrivals
        if arrival.customer and arrival.answer is not None and not arrival.said.group_id
    )
    return [message_id for message_id in waiting if message_id]


def _time(thing: InboundMessage | Identity) -> datetime:
    return thing.at


_HOLD = text("SELECT pg_advisory_xact_lock(hashtext('bulbul.inbound'))")

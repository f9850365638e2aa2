"""Free texts to one customer, within their window: written down with what caused them, sent afterwards, once.

The door does it in the beats of every message: `take`, commit, `deliver` (no transaction open), `settle`, commit.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from app.channels.models import Channel
from app.channels.service import blocked
from app.customers.models import Customer
from app.extensions import db
from app.messaging.engine import gate, receipts
from app.messaging.engine.sender import LEASE_SECONDS, Outcome, Outgoing, Verdict, departure
from app.messaging.models import Message, MessageState
from app.meta.errors import NOT_SENT, ErrorClass
from app.meta.messages import BadMessage, text_message
from app.shared import clock
from app.shared.errors import Invalid

WINDOW_CLOSED = 131047  # Meta's own number for it, so that people read the same words
ANOTHER_TIME = (ErrorClass.THROTTLED, ErrorClass.TRANSIENT)


@dataclass(frozen=True, slots=True)
class Taken:
    """A text that is ours to send now, and until when it may leave."""

    outgoing: Outgoing
    channel_id: int
    deadline: float


def write_text(
    channel_id: int, customer: Customer, body: str, answers_id: int | None = None, sent_by: int | None = None
) -> Message:
    """Write a text to `customer` down; it leaves when its door is rung for (`jobs.send_waiting`), or by the tick.

    `answers_id` is the customer's message that it replies to and is shown under. Raises `Invalid` for a text that is
    empty or too long.
    """
    _check(customer, body)
    message = Message(
        channel_id=channel_id,
        customer_id=customer.id,
        type="text",
        phone=customer.phone,
        body=body,
        state=MessageState.CREATED,
        category=gate.SERVICE,
        answers_id=answers_id,
        sent_by=sent_by,
    )
    db.session.add(message)
    db.session.flush()
    return message


def take(message_id: int) -> Taken | None:
    """Make the waiting message ours to send, for as long as a lease lasts; the caller commits, then sends.

    None when somebody else has it, or when the gate keeps it: then it has failed, with the reason.
    """
    deadline = departure()
    row = db.session.execute(_TAKE, {"id": message_id, "lease": LEASE_SECONDS}).one_or_none()
    if row is None:
        return None
    facts = gate.Facts(row.phone, row.user_id, gate.SERVICE, window_expires_at=row.window_expires_at)
    # No pause between two: within a conversation Meta lends dozens of messages in advance.
    if gate.judge(facts, gate.Rules(), clock.now()) != gate.GO:
        words = "The customer wrote more than 24 hours ago; only message templates may be sent now."
        _refuse(message_id, WINDOW_CLOSED, words)
        return None
    if sentence := blocked(db.session.get_one(Channel, row.channel_id)):
        _refuse(message_id, NOT_SENT, sentence)
        return None
    recipient = None if row.phone else row.user_id
    payload = text_message(row.phone, row.body, str(row.public_id), row.answered, recipient=recipient)
    return Taken(Outgoing(message_id, payload), row.channel_id, deadline)


def settle(outcome: Outcome) -> None:
    """Store what became of it. What a passing reason kept from leaving waits again, until the window ends."""
    passes = outcome.verdict is Verdict.NOT_SENT or outcome.error_class in ANOTHER_TIME
    if outcome.has_failed and passes:
        db.session.execute(_PUT_BACK, {"id": outcome.message_id})
    else:
        receipts.record_outcomes([outcome])


def waiting() -> list[int]:
    """Messages that nobody has sent yet, the oldest first."""
    return list(db.session.scalars(_WAITING))


def _check(customer: Customer, body: str) -> None:
    try:
        text_message(customer.phone, body, "a check", recipient=customer.user_id)
    except BadMessage as problem:
        raise Invalid(str(problem), problem.field) from problem


def _refuse(message_id: int, code: int, words: str) -> None:
    receipts.record_outcomes([Outcome(message_id, Verdict.REFUSED, code=code, words=words)])


# The state is the fence: of two who take it, one finds it created no more.
_TAKE = text(
    """
    UPDATE messages m SET state = 'sending', updated_at = statement_timestamp(),
        lease_until = statement_timestamp() + make_interval(secs => :lease)
    FROM customers p
    WHERE m.id = :id AND m.state = 'created' AND p.id = m.customer_id
    RETURNING m.public_id, m.body, m.channel_id, coalesce(p.phone, m.phone) AS phone, p.user_id,
        (SELECT a.wamid FROM messages a WHERE a.id = m.answers_id) AS answered,
        (SELECT v.window_expires_at FROM conversations v
         WHERE v.channel_id = m.channel_id AND v.customer_id = m.customer_id) AS window_expires_at
    """
)
_PUT_BACK = text(
    """
    UPDATE messages SET state = 'created', lease_until = NULL, updated_at = statement_timestamp()
    WHERE id = :id AND state = 'sending'
    """
)
_WAITING = text("SELECT id FROM messages WHERE state = 'created' ORDER BY id LIMIT 200")

"""What messaging knows of a person: messages, conversations, places under the messaging limit, stray statuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, text

from app.customers.privacy.facts import rows_of
from app.customers.privacy.person import Person
from app.customers.privacy.register import Room, Rows
from app.customers.privacy.retention import Kind
from app.customers.privacy.traces import GONE, Traces, pseudonym_sql
from app.extensions import db
from app.messaging.engine import guard, inbound
from app.messaging.models import Conversation, LimitContact, LimitGuard, Message, StrayStatus
from app.meta.errors import NOT_SENT


def _export(person: Person) -> Mapping[str, Rows]:
    ids, traces = person.customer_ids, Traces(person)
    strays = rows_of(StrayStatus, traces.may_be_in(StrayStatus.wamid))
    return {
        "conversations": rows_of(Conversation, Conversation.customer_id.in_(ids)),
        "messages": rows_of(Message, _theirs(person)),
        "limit_contacts": rows_of(LimitContact, LimitContact.contact.in_(person.addresses)),
        "stray_statuses": [row for row in strays if traces.is_in(row["wamid"])],
    }


def _theirs(person: Person) -> ColumnElement[bool]:
    unclaimed = Message.customer_id.is_(None) & Message.phone.in_(person.all_numbers)
    return or_(Message.customer_id.in_(person.customer_ids), unclaimed)


def _numbers(person: Person) -> Iterable[str]:
    known = select(Message.phone).where(Message.customer_id.in_(person.customer_ids), Message.phone.is_not(None))
    return [number for number in db.session.scalars(known.distinct()) if number]


def _erase(person: Person, traces: Traces) -> None:
    """Messages stay as rows that count in their campaigns, without words, name or number.

    Locked in the order in which those lock who digest and send: who wrote, then the limit, then messages.
    """
    inbound.hold()
    for portfolio_id in db.session.scalars(select(LimitGuard.portfolio_id).order_by(LimitGuard.portfolio_id)).all():
        guard.hold(portfolio_id)
    parameters = {
        "customers": list(person.customer_ids),
        "numbers": list(person.all_numbers),
        "addresses": [*person.all_numbers, *person.user_ids],
        "salt": traces.salt,
        "code": NOT_SENT,
    }
    for statement in (_FORGET_MESSAGES, _FORGET_NUMBERS, _FORGET_PLACES):
        db.session.execute(statement, parameters)


def _count_contents(before: datetime) -> int:
    old = select(func.count()).select_from(Message).where(_HAS_WORDS, Message.created_at < before)
    return db.session.scalar(old) or 0


def _purge_contents(before: datetime, limit: int) -> int:
    return len(db.session.execute(_FORGET_CONTENTS, {"before": before, "limit": limit}).all())


_HAS_WORDS = or_(Message.body.is_not(None), Message.raw.is_not(None))

# Meta's name for a message names its receiver. What stands for it holds against a later one: a request that is under
# way just now is recorded like any other.
_NAMELESS = f"""phone = NULL, updated_at = statement_timestamp(),
    wamid = CASE WHEN m.wamid LIKE '{GONE}%' THEN m.wamid
                 ELSE {pseudonym_sql("coalesce(m.wamid, m.public_id::text)")} END,
    context_wamid = CASE WHEN m.context_wamid LIKE '{GONE}%' THEN m.context_wamid
                         ELSE {pseudonym_sql("m.context_wamid")} END"""
# What waits to be sent is not sent any more.
_FORGET_MESSAGES = text(
    f"""
    WITH theirs AS MATERIALIZED (
        SELECT id FROM messages WHERE id IN (
            SELECT id FROM messages WHERE customer_id = ANY(CAST(:customers AS bigint[]))
            UNION SELECT id FROM messages WHERE phone = ANY(CAST(:numbers AS text[])) AND customer_id IS NULL)
        ORDER BY id FOR NO KEY UPDATE)
    UPDATE messages m SET {_NAMELESS}, customer_id = NULL, body = NULL, payload = NULL, raw = NULL,
        error_message = NULL, state = CASE m.state WHEN 'created' THEN 'failed' ELSE m.state END,
        rank = CASE m.state WHEN 'created' THEN 20 ELSE m.rank END,
        failed_at = CASE m.state WHEN 'created' THEN statement_timestamp() ELSE m.failed_at END,
        error_code = CASE m.state WHEN 'created' THEN :code ELSE m.error_code END
    FROM theirs WHERE m.id = theirs.id
    """
)
# Somebody else's, from the time when the number was theirs.
_FORGET_NUMBERS = text(
    f"UPDATE messages m SET {_NAMELESS} WHERE phone = ANY(CAST(:numbers AS text[])) AND customer_id IS NOT NULL"
)
# The place stays taken under what stands for them, so that the limit stays exact.
_FORGET_PLACES = text(
    f"""
    WITH gone AS (DELETE FROM limit_contacts WHERE contact = ANY(CAST(:addresses AS text[])) RETURNING *)
    INSERT INTO limit_contacts AS w (portfolio_id, contact, first_granted_at, granted_at, grants, taken_by)
    SELECT portfolio_id, {pseudonym_sql("contact")}, first_granted_at, granted_at, grants, taken_by FROM gone
    ORDER BY contact
    ON CONFLICT (portfolio_id, contact) DO UPDATE SET granted_at = greatest(w.granted_at, excluded.granted_at),
        first_granted_at = least(w.first_granted_at, excluded.first_granted_at), grants = w.grants || excluded.grants
    """
)
_FORGET_CONTENTS = text(
    """
    UPDATE messages SET body = NULL, raw = NULL, updated_at = statement_timestamp()
    WHERE id IN (SELECT id FROM messages
                 WHERE created_at < :before AND (body IS NOT NULL OR raw IS NOT NULL) AND state <> 'created'
                 ORDER BY id LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id
    """
)

KINDS = (Kind("message_contents", "The words of messages", _count_contents, _purge_contents, None, least=7),)
ROOM = Room("messaging", _export, _erase, _numbers, kinds=KINDS)

"""Answers: which message of ours a customer's message is about, and what that one gets credit for.

A reply, a tap or an order counts for the message that its context names; without a context, for the last campaign
message to that person within 72 hours. Everything here comes to the same end in any order: earliest times win, and
what names a message that is not there yet is joined to it when it comes.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from app.customers.models import Customer
from app.extensions import db
from app.messaging.engine.persons import Identity

CREDIT_HOURS = 72

# What customers do without writing: a link opened, a choice in WhatsApp's settings. They count, but are no replies.
CLICK, CHOICE = "link_click", "preference"
DEEDS = (CLICK, CHOICE)
# Not an answer to anything: signs, corrections, and Meta's own news about a person.
SILENT = ("reaction", "system", "unsupported", "edit", "revoke")


def take_over(people: Sequence[tuple[Identity, Customer]], wamids: Sequence[str] = ()) -> None:
    """What was written to these people before anybody knew whose number it is, belongs to them from now on.

    Locks, in the order of ids as receipts do, every outgoing message that the batch may change: those, the last
    campaign messages to them, and the ones with these wamids.
    """
    numbers = {number: customer.id for identity, customer in people for number in identity.numbers}
    parameters = {
        "wamids": list(wamids),
        "numbers": list(numbers),
        "customers": list(numbers.values()),
        "known": list({customer.id for _, customer in people}),
        "since": min((identity.at for identity, _ in people), default=None),
    }
    db.session.execute(_HOLD, parameters)
    if numbers:
        db.session.execute(_ADOPT, parameters)


def link(message_ids: Sequence[int]) -> None:
    """Join incoming messages to what they are about, and let that one know."""
    if message_ids:
        parameters = {"ids": list(message_ids)}
        db.session.execute(_LINK, parameters)
        db.session.execute(_CREDIT, parameters)
        db.session.execute(_CORRECT, parameters)


def link_late(wamids: Sequence[str]) -> None:
    """Messages with these wamids are there now: join to them what has been waiting."""
    if wamids:
        link(db.session.scalars(_WAITING, {"wamids": list(wamids)}).all())


def link_overlooked() -> int:
    """Join what came at the very moment when its message was recorded, so that neither saw the other; how many."""
    found = db.session.scalars(_OVERLOOKED).all()
    link(found)
    return len(found)


def reconsider(message_ids: Sequence[int]) -> None:
    """These failed, or turned out not to have: replies without a context find their message anew."""
    if message_ids:
        link(db.session.scalars(_LOOSEN, {"ids": list(message_ids)}).all())


def _listed(kinds: Sequence[str]) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


_COUNTS = f"(i.type NOT IN ({_listed(SILENT)}) AND NOT jsonb_exists(i.raw, 'group_id'))"
_REPLIES = f"({_COUNTS} AND i.type NOT IN ({_listed(DEEDS)}))"
_TAPS = f"i.type IN ('button', 'interactive', '{CLICK}')"

# By the time it was written down, not by any status: that never changes. Meta's times are whole seconds.
_LAST_CAMPAIGN_MESSAGE = f"""
    SELECT o.id FROM messages o
    WHERE o.customer_id = i.customer_id AND o.direction = 'out' AND o.campaign_id IS NOT NULL
      AND NOT o.is_superseded AND o.state <> 'failed' AND o.rank <> 20
      AND date_trunc('second', o.created_at) <= i.at AND o.created_at > i.at - interval '{CREDIT_HOURS} hours'
    ORDER BY o.id DESC LIMIT 1"""

_HOLD = text(
    f"""
    SELECT id FROM messages WHERE direction = 'out' AND id IN (
        SELECT id FROM messages WHERE wamid = ANY(CAST(:wamids AS text[]))
        UNION SELECT id FROM messages WHERE phone = ANY(CAST(:numbers AS text[])) AND customer_id IS NULL
        UNION SELECT id FROM messages WHERE customer_id = ANY(CAST(:known AS bigint[])) AND campaign_id IS NOT NULL
            AND created_at > CAST(:since AS timestamptz) - interval '{CREDIT_HOURS} hours')
    ORDER BY id FOR NO KEY UPDATE
    """
)
_ADOPT = text(
    """
    UPDATE messages m SET customer_id = v.customer, updated_at = statement_timestamp()
    FROM unnest(CAST(:numbers AS text[]), CAST(:customers AS bigint[])) AS v(number, customer)
    WHERE m.phone = v.number AND m.customer_id IS NULL AND m.direction = 'out'
    """
)
_LINK = text(
    f"""
    WITH found AS MATERIALIZED (
        SELECT i.id, CASE WHEN i.context_wamid IS NOT NULL THEN (SELECT id FROM messages WHERE wamid = i.context_wamid)
                          WHEN {_COUNTS} THEN ({_LAST_CAMPAIGN_MESSAGE}) END AS target
        FROM (SELECT *, sent_at AS at FROM messages
              WHERE id = ANY(CAST(:ids AS bigint[])) AND direction = 'in' AND answers_id IS NULL) i)
    UPDATE messages m SET answers_id = found.target, updated_at = statement_timestamp()
    FROM found WHERE m.id = found.id AND found.target IS NOT NULL
    """
)
_CREDIT = text(
    f"""
    WITH news AS MATERIALIZED (
        SELECT i.answers_id AS id, min(i.sent_at) FILTER (WHERE {_REPLIES}) AS responded,
               min(i.sent_at) FILTER (WHERE {_TAPS}) AS clicked,
               min(i.sent_at) FILTER (WHERE jsonb_exists(i.payload, 'opted_out')) AS opted_out
        FROM messages i
        WHERE i.id = ANY(CAST(:ids AS bigint[])) AND i.direction = 'in' AND i.answers_id IS NOT NULL
        GROUP BY i.answers_id),
    locked AS MATERIALIZED (
        SELECT m.id FROM messages m JOIN news USING (id) WHERE m.direction = 'out' ORDER BY m.id
        FOR NO KEY UPDATE OF m)
    UPDATE messages m SET responded_at = least(m.responded_at, n.responded),
        clicked_at = least(m.clicked_at, n.clicked),
        opted_out_at = least(m.opted_out_at, n.opted_out), updated_at = statement_timestamp()
    FROM news n JOIN locked USING (id)
    WHERE m.id = n.id AND (m.responded_at, m.clicked_at, m.opted_out_at) IS DISTINCT FROM
        (least(m.responded_at, n.responded), least(m.clicked_at, n.clicked), least(m.opted_out_at, n.opted_out))
    """
)
# Only whoever wrote a message may change it or take it back.
_CORRECT = text(
    """
    WITH named AS MATERIALIZED (
        SELECT DISTINCT answers_id AS id FROM messages
        WHERE id = ANY(CAST(:ids AS bigint[])) AND type IN ('edit', 'revoke') AND answers_id IS NOT NULL),
    story AS MATERIALIZED (
        SELECT named.id, c.type, c.body, c.sent_at, c.customer_id
        FROM named JOIN messages c ON c.answers_id = named.id AND c.type IN ('edit', 'revoke') AND c.direction = 'in'),
    latest AS (SELECT DISTINCT ON (id) * FROM story WHERE type = 'edit' ORDER BY id, sent_at DESC, body),
    revoked AS (SELECT id, min(sent_at) AS at FROM story WHERE type = 'revoke' GROUP BY id)
    UPDATE messages m SET updated_at = statement_timestamp(),
        body = CASE WHEN r.id IS NOT NULL THEN NULL ELSE coalesce(l.body, m.body) END,
        payload = coalesce(m.payload, '{}') || jsonb_strip_nulls(
            jsonb_build_object('edited_at', l.sent_at, 'revoked_at', r.at))
    FROM named LEFT JOIN latest l USING (id) LEFT JOIN revoked r USING (id)
    WHERE m.id = named.id AND m.direction = 'in'
      AND m.customer_id = (SELECT s.customer_id FROM story s WHERE s.id = named.id LIMIT 1)
    """
)
_WAITING = text(
    """
    SELECT id FROM messages WHERE context_wamid = ANY(CAST(:wamids AS text[])) AND answers_id IS NULL ORDER BY id
    """
)
_OVERLOOKED = text(
    """
    SELECT i.id FROM messages i JOIN messages o ON o.wamid = i.context_wamid
    WHERE i.answers_id IS NULL AND i.context_wamid IS NOT NULL
      AND i.created_at > statement_timestamp() - interval '1 day'
    ORDER BY i.id LIMIT 1000
    """
)
# A loosened reply takes back what it alone had brought to the message it was counted for.
_LOOSEN = text(
    f"""
    WITH loose AS MATERIALIZED (
        SELECT i.id, i.answers_id, i.at FROM (SELECT *, sent_at AS at FROM messages) i
        WHERE i.direction = 'in' AND i.context_wamid IS NULL AND {_COUNTS} AND EXISTS (
            SELECT 1 FROM messages o WHERE o.id = ANY(CAST(:ids AS bigint[])) AND o.campaign_id IS NOT NULL
              AND o.customer_id = i.customer_id AND date_trunc('second', o.created_at) <= i.at
              AND o.created_at > i.at - interval '{CREDIT_HOURS} hours')
          AND i.answers_id IS DISTINCT FROM ({_LAST_CAMPAIGN_MESSAGE})),
    free AS (
        UPDATE messages m SET answers_id = NULL, updated_at = statement_timestamp()
        FROM loose WHERE m.id = loose.id AND loose.answers_id IS NOT NULL),
    remaining AS (
        SELECT l.answers_id AS id, min(i.sent_at) FILTER (WHERE {_REPLIES}) AS responded,
               min(i.sent_at) FILTER (WHERE {_TAPS}) AS clicked,
               min(i.sent_at) FILTER (WHERE jsonb_exists(i.payload, 'opted_out')) AS opted_out
        FROM loose l LEFT JOIN messages i ON i.answers_id = l.answers_id AND i.direction = 'in'
            AND i.id NOT IN (SELECT id FROM loose)
        WHERE l.answers_id IS NOT NULL GROUP BY l.answers_id),
    taken AS (
        UPDATE messages m SET responded_at = r.responded, clicked_at = r.clicked, opted_out_at = r.opted_out,
            updated_at = statement_timestamp()
        FROM remaining r WHERE m.id = r.id AND m.direction = 'out')
    SELECT id FROM loose ORDER BY id
    """
)

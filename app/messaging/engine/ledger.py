"""The ledger: a message's row, committed before its request leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import TextClause, text

from app.extensions import db
from app.messaging.engine.sender import LEASE_SECONDS, Outgoing
from app.meta.messages import template_message


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written down of a message before it leaves. `public_id` travels as its callback data.

    Goes to `phone`, else to `user_id` (Meta's id of a customer whose number we do not know). `recipient_id` names
    whom of a campaign it is an attempt for; None for a single message.
    """

    public_id: UUID
    phone: str | None
    customer_id: int | None
    body: str
    user_id: str | None = None
    recipient_id: int | None = None

    def outgoing(
        self,
        message_id: int,
        template_name: str,
        language: str,
        components: Sequence[Mapping[str, object]],
        by_marketing_service: bool = False,
    ) -> Outgoing:
        """The written-down message as it leaves."""
        recipient = None if self.phone else self.user_id
        payload = template_message(self.phone, template_name, language, components, str(self.public_id), recipient)
        return Outgoing(message_id, payload, by_marketing_service)


def standing(batch: Sequence[Outgoing]) -> list[int]:
    """The numbers of those of these messages that are written down and have not been settled."""
    public_ids = [UUID(one.payload["biz_opaque_callback_data"]) for one in batch]
    return list(db.session.scalars(_STANDING, {"public_ids": public_ids}))


def write(
    entries: Sequence[Entry],
    *,
    channel_id: int,
    category: str,
    campaign_id: int | None = None,
    sent_by: int | None = None,
    is_trial: bool = False,
    then: TextClause | None = None,
) -> dict[UUID, int]:
    """Write template messages down as `sending`, with a lease; their ids by public id. The caller commits.

    `then`, made with `followed_by`, does more with them in the same statement.
    """
    rows = db.session.execute(
        _WRITE if then is None else then,
        {
            "public_ids": [entry.public_id for entry in entries],
            "phones": [entry.phone for entry in entries],
            "customers": [entry.customer_id for entry in entries],
            "bodies": [entry.body for entry in entries],
            "recipients": [entry.recipient_id for entry in entries],
            "channel": channel_id,
            "campaign": campaign_id,
            "category": category,
            "sent_by": sent_by,
            "is_trial": is_trial,
            "lease": LEASE_SECONDS,
        },
    )
    return {row.public_id: row.id for row in rows}


def followed_by(deed: str) -> TextClause:
    """Writing and this SQL in one statement; it finds `written` (id, public_id, recipient_id) and returns its ids."""
    return text(f"WITH written AS ({_WRITE.text}) {deed}")


_WRITE = text(
    """
    INSERT INTO messages (public_id, channel_id, customer_id, campaign_id, recipient_id, direction, type, phone, body,
                          state, lease_until, category, sent_by, is_trial)
    SELECT e.public_id, :channel, e.customer, CAST(:campaign AS bigint), e.recipient, 'out', 'template', e.phone,
           e.body, 'sending', statement_timestamp() + make_interval(secs => :lease), :category,
           CAST(:sent_by AS bigint), :is_trial
    FROM unnest(CAST(:public_ids AS uuid[]), CAST(:phones AS text[]), CAST(:customers AS bigint[]),
                CAST(:bodies AS text[]), CAST(:recipients AS bigint[]))
         AS e(public_id, phone, customer, body, recipient)
    RETURNING id, public_id, recipient_id
    """
)
_STANDING = text(
    "SELECT id FROM messages WHERE public_id = ANY(CAST(:public_ids AS uuid[])) AND state IN ('sending', 'unconfirmed')"
)

"""The ledger: a message's row, committed before its request leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text

from app.extensions import db
from app.messaging.engine.sender import LEASE_SECONDS, Outgoing
from app.meta.messages import template_message


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written down of a message before it leaves. `public_id` travels as its callback data.

    Goes to `phone`, else to `user_id` (Meta's id of a customer whose number we do not know).
    """

    public_id: UUID
    phone: str | None
    customer_id: int | None
    body: str
    user_id: str | None = None

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


def write(
    entries: Sequence[Entry],
    *,
    channel_id: int,
    category: str,
    campaign_id: int | None = None,
    sent_by: int | None = None,
) -> dict[UUID, int]:
    """Write template messages down as `sending`, with a lease; their ids by public id. The caller commits."""
    rows = db.session.execute(
        _WRITE,
        {
            "public_ids": [entry.public_id for entry in entries],
            "phones": [entry.phone for entry in entries],
            "customers": [entry.customer_id for entry in entries],
            "bodies": [entry.body for entry in entries],
            "channel": channel_id,
            "campaign": campaign_id,
            "category": category,
            "sent_by": sent_by,
            "lease": LEASE_SECONDS,
        },
    )
    return {row.public_id: row.id for row in rows}


_WRITE = text(
    """
    INSERT INTO messages (public_id, channel_id, customer_id, campaign_id, direction, type, phone, body, state,
                          lease_until, category, sent_by)
    SELECT e.public_id, :channel, e.customer, CAST(:campaign AS bigint), 'out', 'template', e.phone, e.body, 'sending',
           statement_timestamp() + make_interval(secs => :lease), :category, CAST(:sent_by AS bigint)
    FROM unnest(CAST(:public_ids AS uuid[]), CAST(:phones AS text[]), CAST(:customers AS bigint[]),
                CAST(:bodies AS text[])) AS e(public_id, phone, customer, body)
    RETURNING id, public_id
    """
)

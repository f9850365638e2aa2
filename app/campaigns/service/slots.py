"""Sending slots: one process per slot of a campaign, by a lease it renews. A dead process's slot frees itself."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from app.extensions import db

LEASE_SECONDS = 10


def acquire(campaign_id: int, owner: UUID, slots: int) -> int | None:
    """A free slot of the campaign for `owner`, or None when all are taken. The caller commits."""
    db.session.execute(_CREATE, {"campaign": campaign_id, "slots": slots})
    number: int | None = db.session.scalar(
        _ACQUIRE, {"campaign": campaign_id, "owner": owner, "lease": LEASE_SECONDS, "slots": slots}
    )
    return number


def has_free(campaign_id: int, slots: int) -> bool:
    """Whether another worker could help with the campaign now."""
    return bool(db.session.scalar(_HAS_FREE, {"campaign": campaign_id, "slots": slots}))


def renew(campaign_id: int, number: int, owner: UUID) -> bool:
    """Keep the slot; False when the lease ran out meanwhile, and then nothing more may be claimed."""
    row = db.session.execute(
        _RENEW, {"campaign": campaign_id, "number": number, "owner": owner, "lease": LEASE_SECONDS}
    ).first()
    return row is not None


def release(campaign_id: int, number: int, owner: UUID) -> None:
    """Give the slot up, so that the next tick need not wait for the lease."""
    db.session.execute(_RELEASE, {"campaign": campaign_id, "number": number, "owner": owner})


_CREATE = text(
    """INSERT INTO sending_slots (campaign_id, number)
       SELECT :campaign, n FROM generate_series(1, :slots) n ON CONFLICT DO NOTHING"""
)
_ACQUIRE = text(
    """UPDATE sending_slots SET owner = :owner, lease_until = statement_timestamp() + make_interval(secs => :lease)
       WHERE (campaign_id, number) = (
           SELECT campaign_id, number FROM sending_slots
           WHERE campaign_id = :campaign AND number <= :slots
             AND (lease_until IS NULL OR lease_until < statement_timestamp())
           ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING number"""
)
_HAS_FREE = text(
    """SELECT EXISTS (SELECT 1 FROM sending_slots WHERE campaign_id = :campaign AND number <= :slots
                      AND (lease_until IS NULL OR lease_until < statement_timestamp()))"""
)
_MINE = "campaign_id = :campaign AND number = :number AND owner = :owner"
_RENEW = text(
    f"""UPDATE sending_slots SET lease_until = statement_timestamp() + make_interval(secs => :lease)
        WHERE {_MINE} AND lease_until > statement_timestamp() RETURNING number"""
)
_RELEASE = text(f"UPDATE sending_slots SET lease_until = NULL, owner = NULL WHERE {_MINE}")

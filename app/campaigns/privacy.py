"""What campaigns know of a person: whose recipient they were, with which name and variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select, text

from app.campaigns.models import Campaign, CampaignStatus, Recipient
from app.customers.privacy.facts import rows_of
from app.customers.privacy.person import Person
from app.customers.privacy.register import Room, Rows
from app.customers.privacy.traces import Traces
from app.extensions import db


def _export(person: Person) -> Mapping[str, Rows]:
    return {"recipients": rows_of(Recipient, Recipient.id.in_(_ids(person)))}


def _numbers(person: Person) -> Iterable[str]:
    known = select(Recipient.phone).where(Recipient.customer_id.in_(person.customer_ids), Recipient.phone.is_not(None))
    return [number for number in db.session.scalars(known.distinct()) if number]


def _erase(person: Person, traces: Traces) -> None:
    """They stay as rows that count, without a name or number; who was not written to yet is skipped."""
    db.session.execute(_FORGET, {"ids": _ids(person)})


def _ids(person: Person) -> list[int]:
    """By customer, and by address: a file's people need not be customers. One look-up for each campaign."""
    known = {
        "customers": list(person.customer_ids),
        "numbers": list(person.all_numbers),
        "users": list(person.user_ids),
    }
    return list(db.session.scalars(_THEIRS, known))


_THEIRS = text(
    """
    SELECT id FROM recipients WHERE customer_id = ANY(CAST(:customers AS bigint[]))
    UNION SELECT r.id FROM campaigns c JOIN recipients r ON r.campaign_id = c.id
          AND r.phone = ANY(CAST(:numbers AS text[]))
    UNION SELECT r.id FROM campaigns c JOIN recipients r ON r.campaign_id = c.id
          AND r.user_id = ANY(CAST(:users AS text[]))
    """
)
_FORGET = text(
    """
    WITH theirs AS MATERIALIZED (
        SELECT id FROM recipients WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR NO KEY UPDATE)
    UPDATE recipients r SET customer_id = NULL, phone = NULL, user_id = NULL, name = NULL, variables = '{}',
        skip_reason = CASE r.state WHEN 'pending' THEN 'suppressed' ELSE r.skip_reason END,
        waits_for = CASE r.state WHEN 'pending' THEN NULL ELSE r.waits_for END,
        state = CASE r.state WHEN 'pending' THEN 'skipped' ELSE r.state END, updated_at = statement_timestamp()
    FROM theirs WHERE r.id = theirs.id
    """
)

# A draft may wait for its day longer than files are kept.
_UPLOADS = select(Campaign.import_id).where(
    Campaign.import_id.is_not(None),
    Campaign.status.not_in((CampaignStatus.COMPLETED, CampaignStatus.CANCELLED)),
)
ROOM = Room("campaigns", _export, _erase, _numbers, uploads=_UPLOADS)

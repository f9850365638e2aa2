"""A customer's yes or no to marketing: the ledger's entry and the flag, together or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import exists, select

from app.auth.models import User
from app.customers.models import ConsentEntry, Customer
from app.extensions import db
from app.shared import clock

NEVER = datetime.min.replace(tzinfo=UTC)


def record_consent(
    customer: Customer,
    granted: bool,
    source: str,
    wording: str | None,
    actor: User | None,
    *,
    at: datetime | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> ConsentEntry:
    """Write down that `customer` said yes (`granted`) or no to marketing, `at` that time (now, unless given).

    The ledger keeps every answer; the flag follows the newest, so one that arrives late changes nothing, and of a
    yes and a no at the same moment the no holds. `source` is where it was said ("form", "csv", "whatsapp");
    `wording` the words that prove it.
    """
    # Two answers at once: each must see the other's. A lock that does not hinder messages to this customer.
    db.session.refresh(customer, with_for_update={"key_share": True})
    entry = ConsentEntry(
        customer_id=customer.id,
        granted=granted,
        at=at or clock.now(),
        source=source,
        wording=wording or None,
        actor_id=actor.id if actor else None,
        evidence=dict(evidence or {}),
    )
    if granted:
        customer.marketing_opt_in_at = max(customer.marketing_opt_in_at or NEVER, entry.at)
    else:
        customer.marketing_opt_out_at = max(customer.marketing_opt_out_at or NEVER, entry.at)
    follow_newest(customer)
    db.session.add(entry)
    db.session.flush()
    return entry


def follow_newest(customer: Customer) -> None:
    """Let the flag say what the newest of the customer's answers says; of two at once, no."""
    if customer.marketing_opt_in_at or customer.marketing_opt_out_at:
        yes, no = customer.marketing_opt_in_at or NEVER, customer.marketing_opt_out_at or NEVER
        customer.marketing_opt_in = yes > no


def is_known(customer: Customer, granted: bool, source: str, at: datetime) -> bool:
    """Whether the ledger has this very answer: Meta tells some things twice, without an id to know them by."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    ConsentEntry.customer_id == customer.id,
                    ConsentEntry.granted.is_(granted),
                    ConsentEntry.source == source,
                    ConsentEntry.at == at,
                )
            )
        )
    )

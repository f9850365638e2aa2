"""A customer's yes or no to marketing: the ledger's entry and the flag, together or not at all."""

from __future__ import annotations

from app.auth.models import User
from app.customers.models import ConsentEntry, Customer
from app.extensions import db
from app.shared import clock


def record_consent(
    customer: Customer, granted: bool, source: str, wording: str | None, actor: User | None
) -> ConsentEntry:
    """Write down that `customer` said yes (`granted`) or no to marketing, and let it hold from now on.

    `source` is where it was said ("form", "csv", "whatsapp"); `wording` the words that prove it.
    """
    # Two answers at once: whoever is later in the ledger must also be the one the flag follows.
    db.session.refresh(customer, with_for_update=True)
    entry = ConsentEntry(
        customer_id=customer.id,
        granted=granted,
        at=clock.now(),
        source=source,
        wording=wording or None,
        actor_id=actor.id if actor else None,
    )
    customer.marketing_opt_in = granted
    if granted:
        customer.marketing_opt_in_at = entry.at
    else:
        customer.marketing_opt_out_at = entry.at
    db.session.add(entry)
    db.session.flush()
    return entry

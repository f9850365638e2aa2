"""Making one of two customers who prove to be the same person."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import Column, Table, delete, func, select, update

from app.customers.models import Customer
from app.customers.service import consent, suppression
from app.extensions import db

Follow = Callable[[int, int], None]
_followers: dict[str, Follow] = {}


def tell_merges(room: str, follow: Follow) -> None:
    """Let a room above that keeps ids of customers without a foreign key learn that the second became the first; said
    once, when the application is made."""
    _followers[room] = follow


def merge(into: Customer, gone: Customer) -> Customer:
    """Let both be `into`: it gets what points at `gone`, and of `gone`'s details those it lacks itself.

    The stricter answer to marketing holds, and so does the suppression list for either. Whoever keeps rows of which a
    customer may have one alone (conversations) has joined them before.
    """
    db.session.flush()
    for follow in _followers.values():  # campaigns are locked before people, as by whoever fills them
        follow(into.id, gone.id)
    _hand_over(into, gone)
    # Whoever writes to `gone` at this moment has it locked against us, and is done when we have it: then nothing new
    # points there. Locked before, it would keep them waiting for us while we wait for their rows.
    db.session.refresh(gone, with_for_update=True)
    _hand_over(into, gone)
    db.session.execute(delete(Customer).where(Customer.id == gone.id), execution_options={"synchronize_session": False})
    db.session.expunge(gone)
    suppression.keep_silent((into.phone, into.user_id, gone.phone, gone.user_id), "merge")
    for name in ("phone", "user_id", "name", "email", "city", "zone", "locale"):
        setattr(into, name, getattr(into, name) or getattr(gone, name))
    into.attributes = gone.attributes | into.attributes
    into.tags = list(dict.fromkeys([*into.tags, *gone.tags]))
    into.last_inbound_at = max(filter(None, (into.last_inbound_at, gone.last_inbound_at)), default=None)
    _merge_consent(into, gone)
    db.session.flush()
    return into


def what_moves(gone: Customer) -> dict[str, int]:
    """How many rows of which tables would become another's by a merge; those with none are left out."""
    counts = {
        table.name: db.session.scalar(select(func.count()).select_from(table).where(column == gone.id)) or 0
        for table, column in _pointing()
    }
    return {name: number for name, number in sorted(counts.items()) if number}


def _hand_over(into: Customer, gone: Customer) -> None:
    for table, column in _pointing():
        db.session.execute(update(table).where(column == gone.id).values({column.name: into.id}))


def _pointing() -> Iterator[tuple[Table, Column[int]]]:
    """Whatever points at customers; what points at others first, for senders too lock recipients before messages."""
    for table in reversed(db.metadata.sorted_tables):
        for column in table.columns:
            if any(key.column is Customer.__table__.c.id for key in column.foreign_keys):
                yield table, column


def _merge_consent(into: Customer, gone: Customer) -> None:
    has_refused = into.is_opted_out or gone.is_opted_out
    for name in ("marketing_opt_in_at", "marketing_opt_out_at"):
        setattr(into, name, max(filter(None, (getattr(into, name), getattr(gone, name))), default=None))
    into.marketing_opt_in = into.marketing_opt_in or gone.marketing_opt_in
    consent.follow_newest(into)
    if has_refused and into.marketing_opt_in:
        # An entry of its own: whoever recounts the ledger, as the undoing of a list does, finds the no that holds.
        consent.record_consent(into, False, "merge", None, None, at=into.marketing_opt_in_at)


def tags_in(text: str) -> list[str]:
    """The tags of a comma-separated text, each once, in lower case, in the order written."""
    return list(dict.fromkeys(tag.strip().lower() for tag in text.split(",") if tag.strip()))

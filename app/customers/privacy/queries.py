"""What the pages of privacy ask: what would go and stay, erasures, when data last went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select

from app.auth.models import AuditEntry, User
from app.customers.models import ConsentEntry, Customer, CustomerNote, Sale
from app.customers.privacy import sweep
from app.customers.privacy.models import Erasure
from app.extensions import db
from app.shared.errors import Missing


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much hangs on a customer here: what goes with them, and the sales, which stay."""

    answers: int
    notes: int
    sales: int


@dataclass(frozen=True, slots=True)
class LastRun:
    """When data last went because its time was over, and how much of each kind."""

    at: datetime
    gone: Mapping[str, int]


def holdings(customer: Customer) -> Holdings:
    """What erasing this customer comes to, as far as this room knows."""
    counted = (
        select(func.count()).select_from(model).where(model.customer_id == customer.id).scalar_subquery()
        for model in (ConsentEntry, CustomerNote, Sale)
    )
    return Holdings(*db.session.execute(select(*counted)).one())


def erasures() -> Select[Erasure, str]:
    """Each erasure with who began it, the newest first."""
    begun_by = select(Erasure, User.name.label("begun_by")).outerjoin(User, User.id == Erasure.begun_by)
    return begun_by.order_by(Erasure.id.desc())


def erasure(public_id: UUID) -> Erasure:
    """That erasure. Raises `Missing`."""
    found = db.session.scalar(select(Erasure).where(Erasure.public_id == public_id))
    if found is None:
        raise Missing("There is no such erasure.")
    return found


def part_done(of: Erasure) -> int:
    """How far its search has come, in percent."""
    return 100 if of.finished_at else int(100 * sweep.part_done(of.progress))


def last_run() -> LastRun | None:
    """The last time that anything went."""
    runs = select(AuditEntry).where(AuditEntry.action == "retention.run")
    entry = db.session.scalar(runs.order_by(AuditEntry.id.desc()).limit(1))
    return LastRun(entry.created_at, entry.details.get("gone", {})) if entry else None

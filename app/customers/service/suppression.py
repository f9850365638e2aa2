"""Addresses that must never get marketing again, kept as salted digests: the list names nobody.

An address is a phone in E.164 or Meta's user id. These verbs flush; the caller commits.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from app.auth import workspace
from app.auth.models import Workspace
from app.customers.models import Customer
from app.customers.privacy.models import Suppression
from app.extensions import db

ERASED, BY_HAND, IMPORTED = "erased", "banned", "import"
REASONS = {ERASED: "Erased", BY_HAND: "Put on the list by hand", IMPORTED: "On an imported list of opt-outs"}


def salt() -> str:
    """What is put in front of every address before it is digested; made once, kept encrypted.

    Losing it makes the whole list useless, for nobody can be found in it again.
    """
    here = workspace.current()
    return here.suppression_salt or _make_salt(here)


def digest_of(salt: str, address: str) -> bytes:
    """The address as the list keeps it. PostgreSQL's `sha256(convert_to(salt || address, 'UTF8'))` is the same."""
    return hashlib.sha256((salt + address).encode()).digest()


def suppress(addresses: Iterable[str], reason: str, source: str | None = None) -> int:
    """Put addresses on the list for good; how many are new. `reason` as in `Suppression`; the first one stands.

    But a list that was imported can be taken back: any other reason takes its place, and counts as new.
    """
    rows = [{"digest": digest, "reason": reason, "source": source} for digest in _digests(addresses)]
    if not rows:
        return 0
    adding = insert(Suppression)
    said = {"reason": adding.excluded.reason, "source": adding.excluded.source}
    is_firmer = (Suppression.reason == IMPORTED) & (adding.excluded.reason != IMPORTED)
    adding = adding.on_conflict_do_update(index_elements=["digest"], set_=said, where=is_firmer)
    return len(db.session.scalars(adding.returning(Suppression.id), rows).all())


def lift(addresses: Iterable[str]) -> int:
    """Take addresses off the list; how many were on it."""
    gone = delete(Suppression).where(Suppression.digest.in_(_digests(addresses))).returning(Suppression.id)
    return len(db.session.scalars(gone).all())


def is_suppressed(*addresses: str | None) -> bool:
    """Whether one of these, a person's phone and id, is on the list."""
    if workspace.current().suppression_salt is None:  # nobody ever was put on it
        return False
    digests = _digests(address for address in addresses if address)
    return bool(db.session.scalar(select(exists().where(Suppression.digest.in_(digests)))))


def suppressed_among(people: Iterable[Customer]) -> set[int]:
    """The ids of those who are on the list, asked once for all of them."""
    if (ours := workspace.current().suppression_salt) is None:
        return set()
    addresses = ((it.id, address) for it in people for address in (it.phone, it.user_id) if address)
    whose = {digest_of(ours, address): id_ for id_, address in addresses}
    found = db.session.scalars(select(Suppression.digest).where(Suppression.digest.in_(whose)))
    return {whose[digest] for digest in found}


def keep_silent(addresses: Iterable[str | None], source: str) -> None:
    """These are one person's: if one of them is on the list, all are; by an imported list alone, as long as that."""
    known = [address for address in addresses if address]
    entries = find(known)
    if any(entry.reason != IMPORTED for entry in entries):
        suppress(known, BY_HAND, source)
    elif entries:
        suppress(known, IMPORTED, entries[0].source)


def find(addresses: Iterable[str]) -> Sequence[Suppression]:
    """What the list says of these addresses of one person, the oldest entry first."""
    if workspace.current().suppression_salt is None:
        return []
    asked = select(Suppression).where(Suppression.digest.in_(_digests(addresses)))
    return db.session.scalars(asked.order_by(Suppression.id)).all()


def counts() -> Mapping[str, int]:
    """How many addresses are on the list, by reason; no people, for one may have several."""
    asked = select(Suppression.reason, func.count()).group_by(Suppression.reason)
    return dict(db.session.execute(asked.order_by(Suppression.reason)).all())


def _digests(addresses: Iterable[str]) -> list[bytes]:
    different = set(addresses)
    ours = salt() if different else ""
    return sorted(digest_of(ours, address) for address in different)


def _make_salt(here: Workspace) -> str:
    # Of two who make it at once, the second must take the first's: digests of another salt find nobody.
    db.session.refresh(here, with_for_update=True)
    here.suppression_salt = here.suppression_salt or secrets.token_hex(32)
    db.session.flush()
    return here.suppression_salt

"""The door through which data goes that is older than its rule."""

from __future__ import annotations

import structlog

from app.auth import audit
from app.customers.privacy import retention
from app.customers.privacy.retention import Rule
from app.extensions import db
from app.shared import queues, stopping

BATCH = 1_000  # rows a transaction
DAILY = 24 * 3600

log = structlog.get_logger()


def keep_house() -> dict[str, int]:
    """Take away what is older than its rule, a batch a transaction; how much of each kind."""
    gone = {rule.kind.name: number for rule in retention.rules() if (number := _purge(rule))}
    if gone:
        audit.record("retention.run", gone=gone)
        log.info("retention.run", **gone)
    db.session.commit()
    return gone


def ring_daily() -> None:
    queues.ring_once(queues.SYNC, "retention", DAILY, keep_house)


def _purge(rule: Rule) -> int:
    total, before = 0, rule.before
    while before is not None and not stopping.is_told() and (number := rule.kind.purge(before, BATCH)):
        db.session.commit()
        total += number
    return total

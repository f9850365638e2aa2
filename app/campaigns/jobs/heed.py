"""The door through which a campaign hears of failures that Meta reported later."""

from __future__ import annotations

import contextlib
import time

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from app.campaigns.service import heeding, stops
from app.extensions import db, redis_connection
from app.shared import queues

BATCH = 500
LONGEST = 20.0  # seconds; then another job gets its turn
RING = "heed"
RING_AGAIN = 10  # seconds; a starting job takes the mark away

log = structlog.get_logger()


def heed_failures() -> None:
    """Obey all failures that wait, batch by batch, each campaign in a transaction of its own.

    With the database in trouble it ends; the tick rings again for what is left.
    """
    _allow_next_ring()
    deadline = time.monotonic() + LONGEST
    try:
        while batch := heeding.waiting(BATCH):
            _heed(batch)
            if time.monotonic() > deadline:
                ring_for_failures()
                break
    except OperationalError as error:
        log.warning("campaign.database_troubled", error=type(error).__name__)
    db.session.rollback()


def ring_for_failures() -> None:
    """Ring for the job above, unless somebody has just done so. Call it after the commit."""
    queues.ring_once(queues.RECEIPTS, RING, RING_AGAIN, heed_failures)


def _heed(batch: list[heeding.Late]) -> None:
    db.session.rollback()  # what was read locks nothing, and the locks below come in their own order
    heeding.opt_out(batch)
    db.session.commit()
    for campaign_id, message_ids in heeding.by_campaign(batch).items():
        trouble = heeding.heed(campaign_id, message_ids)
        db.session.commit()
        log.info("campaign.failures_heeded", campaign_id=campaign_id, count=len(message_ids))
        if trouble is not None:
            stops.refused(campaign_id, *trouble)
            db.session.commit()


def _allow_next_ring() -> None:
    with contextlib.suppress(RedisError):  # the scheduler rings too
        redis_connection().delete(f"rung:{RING}")

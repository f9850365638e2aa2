"""The door that fills a campaign's recipients. A killed worker's successor goes on at the row where it stood."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import structlog
from sqlalchemy.exc import IntegrityError

from app.campaigns.jobs import send
from app.campaigns.models import Campaign, TargetType
from app.campaigns.service import audience, freezing, lifecycle
from app.customers.jobs.chunkwise import ATTEMPTS, Reading
from app.extensions import db
from app.shared import queues
from app.shared.csv_table import Unreadable
from app.shared.errors import Invalid, Refused
from app.storage.store import NotStored

log = structlog.get_logger()


def populate(campaign_id: int) -> None:
    """Bring the campaign its recipients, from its file or its customers; then it is ready, or sends."""
    with structlog.contextvars.bound_contextvars(campaign_id=campaign_id):
        campaign = audience.to_populate(campaign_id)
        if campaign is None:
            db.session.rollback()
            return
        try:
            _fill(campaign)
        except Invalid as error:
            db.session.rollback()
            _give_up(campaign_id, str(error))


def _fill(campaign: Campaign) -> None:
    if campaign.target_type is not TargetType.IMPORTED:
        _freeze(campaign)
        _make_ready(campaign)
        return
    import_ = audience.claim_file(campaign)
    if import_ is None:
        db.session.rollback()
        return
    campaign_id, import_id, at_row = campaign.id, import_.id, import_.last_row
    rows = audience.read_file(campaign_id, import_)
    db.session.commit()
    _read(campaign_id, Reading(import_id, at_row, rows, partial(audience.import_chunk, campaign_id, import_id)))


def _freeze(campaign: Campaign) -> None:
    """Whoever is erased, or becomes one with another, in the same moment makes us ask once more."""
    for _ in range(ATTEMPTS - 1):
        with suppress(IntegrityError), db.session.begin_nested():
            freezing.freeze(campaign)
            return
    freezing.freeze(campaign)


def _read(campaign_id: int, reading: Reading) -> None:
    """Read to the end, unless somebody else is to go on or nobody."""
    try:
        is_at_end = reading.to_the_end()
    except (NotStored, Unreadable) as error:
        db.session.rollback()
        audience.give_up_file(campaign_id, reading.import_id, reading.at_row, str(error))
        db.session.commit()
        log.warning("import.failed", import_id=reading.import_id, row=reading.at_row, reason=str(error))
        return
    if is_at_end:
        _finish(campaign_id, reading)


def _finish(campaign_id: int, reading: Reading) -> None:
    is_ours = audience.finish_file(campaign_id, reading.import_id, reading.at_row)
    campaign = audience.to_populate(campaign_id)
    if campaign is None or not is_ours:
        db.session.commit()
        return
    _make_ready(campaign)
    log.info("import.finished", import_id=reading.import_id, row=reading.at_row)


def _give_up(campaign_id: int, sentence: str) -> None:
    if campaign := audience.to_populate(campaign_id):
        audience.give_up(campaign, sentence)
    db.session.commit()
    log.warning("campaign.not_populated", reason=sentence)


def _make_ready(campaign: Campaign) -> None:
    campaign_id = campaign.id
    campaign.failure = None
    try:
        is_sending = lifecycle.populated(campaign)
    except (Invalid, Refused) as error:
        # It has its recipients; what forbids the launch waits for a person, who reads it on the campaign's page.
        is_sending, campaign.failure = False, str(error)
    db.session.commit()
    _analyze()
    if is_sending:
        queues.ring(queues.SENDS, send.send_campaign, campaign_id)


def _analyze() -> None:
    """Tell the planner what the table has become, before the first claim is planned."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE recipients")

"""The door that fills a campaign's recipients. A killed worker's successor goes on at the row where it stood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import structlog

from app.campaigns.jobs import send
from app.campaigns.models import Campaign, TargetType
from app.campaigns.service import audience, lifecycle
from app.customers.service import imports
from app.customers.service.imports import Entry
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
        audience.populate_from_customers(campaign)
        _make_ready(campaign)
        return
    import_ = audience.claim_file(campaign)
    if import_ is None:
        db.session.rollback()
        return
    reading = Reading(campaign.id, import_.id, import_.last_row, imports.entries(import_))
    db.session.commit()
    reading.run()


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


@dataclass(slots=True)
class Reading:
    """One worker's reading of a campaign's file, from row `at_row` on."""

    campaign_id: int
    import_id: int
    at_row: int
    rows: Iterator[Entry]

    def run(self) -> None:
        """Read to the end, a chunk a transaction, unless somebody else is to go on or nobody."""
        try:
            is_at_end = self._read()
        except (NotStored, Unreadable) as error:
            audience.give_up_file(self.campaign_id, self.import_id, self.at_row, str(error))
            db.session.commit()
            log.warning("import.failed", import_id=self.import_id, row=self.at_row, reason=str(error))
            return
        if is_at_end:
            self._finish()

    def _read(self) -> bool:
        while chunk := list(islice(self.rows, audience.CHUNK)):
            is_ours = audience.import_chunk(self.campaign_id, self.import_id, self.at_row, chunk)
            db.session.commit()
            if not is_ours:
                log.info("import.stopped", import_id=self.import_id, row=self.at_row)
                return False
            self.at_row = chunk[-1].row
        return True

    def _finish(self) -> None:
        is_ours = audience.finish_file(self.campaign_id, self.import_id, self.at_row)
        campaign = audience.to_populate(self.campaign_id)
        if campaign is None or not is_ours:
            db.session.commit()
            return
        _make_ready(campaign)
        log.info("import.finished", import_id=self.import_id, row=self.at_row)

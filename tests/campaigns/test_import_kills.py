"""Workers die and meet; the file is imported once, as if nothing had happened."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from app.campaigns.jobs.populate import populate
from app.campaigns.models import Campaign, CampaignStatus, Recipient
from app.customers.imports.models import Import, ImportFault, ImportStatus
from app.extensions import db
from app.shared import clock
from tests.campaigns.lists import people_list, upload, waiting_campaign

ROOT = Path(__file__).resolve().parents[2]
ROWS = 20_000
WORKER = """
import sys
from app import create_app
from app.campaigns.jobs.populate import populate
from app.customers.imports import reading
reading.CHUNK = 500
with create_app().app_context():
    print("ready", flush=True)
    sys.stdin.readline()
    populate(int(sys.argv[1]))
"""

pytestmark = pytest.mark.slow


def test_a_killed_import_ends_like_an_undisturbed_one(app: Flask, environment: dict[str, str]) -> None:
    content = people_list(ROWS).text.encode("cp1252")
    undisturbed = waiting_campaign(upload(content))
    killed = waiting_campaign(upload(content), template=undisturbed.template)
    populate(undisturbed.id)

    _kill_in_the_middle(killed, _worker(killed, environment))
    _let_the_lease_run_out(killed)
    populate(killed.id)

    assert killed.status is CampaignStatus.READY
    assert _outcome(killed) == _outcome(undisturbed)


def test_two_workers_at_once_import_a_file_once(app: Flask, environment: dict[str, str]) -> None:
    brought = people_list(ROWS)
    campaign = waiting_campaign(upload(brought.text.encode("cp1252")))
    workers = [_worker(campaign, environment) for _ in range(2)]
    for worker in workers:
        worker.communicate("go\n", timeout=120)
    db.session.rollback()

    assert [worker.returncode for worker in workers] == [0, 0]
    import_ = db.session.get_one(Import, campaign.import_id)
    assert (import_.total, import_.inserted) == (ROWS, len(brought.people))
    assert import_.status is ImportStatus.IMPORTED


def _worker(campaign: Campaign, environment: dict[str, str]) -> subprocess.Popen[str]:
    """A process that stands ready to import at the first line it is given."""
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(campaign.id)],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    return worker


def _kill_in_the_middle(campaign: Campaign, worker: subprocess.Popen[str]) -> None:
    assert worker.stdin is not None
    worker.stdin.write("go\n")
    worker.stdin.flush()
    while _rows_read(campaign) < ROWS // 4:
        time.sleep(0.01)
    worker.kill()
    worker.communicate()
    assert _rows_read(campaign) < ROWS


def _rows_read(campaign: Campaign) -> int:
    with db.engine.connect() as connection:
        read = text("SELECT total FROM imports WHERE id = :id")
        return connection.scalar(read, {"id": campaign.import_id}) or 0


def _let_the_lease_run_out(campaign: Campaign) -> None:
    past = clock.now() - timedelta(seconds=1)
    db.session.execute(update(Import).where(Import.id == campaign.import_id).values(lease_until=past))
    db.session.commit()


def _outcome(campaign: Campaign) -> tuple[object, ...]:
    recipients = db.session.execute(
        select(Recipient.position, Recipient.phone, Recipient.name, Recipient.variables)
        .where(Recipient.campaign_id == campaign.id)
        .order_by(Recipient.position)
    )
    faults = db.session.execute(
        select(ImportFault.row_number, ImportFault.reason, ImportFault.original)
        .where(ImportFault.import_id == campaign.import_id)
        .order_by(ImportFault.row_number)
    )
    import_ = db.session.get_one(Import, campaign.import_id)
    counts = (import_.total, import_.inserted, import_.invalid, import_.duplicates, import_.last_row)
    return counts, recipients.all(), faults.all()

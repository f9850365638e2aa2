"""Uploaded files go when nobody went on with them; the import says so, and what a campaign has still to read stays."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, update
from werkzeug.datastructures import FileStorage

from app.campaigns.models import CampaignStatus, TargetType
from app.customers.imports import service
from app.customers.imports.models import Import, ImportStatus
from app.customers.jobs import retention as door
from app.customers.privacy import retention
from app.extensions import db
from app.shared import clock
from app.shared.errors import Refused
from app.storage import files
from app.storage.models import StoredFile
from app.storage.store import NotStored
from tests import factories
from tests.api.conftest import Caller, token_of
from tests.customers.imports.people_files import checked, received

FILE = "Phone,Name\n9812345671,Asha\n"


def left(days: int = 91, *, is_checked: bool = False) -> Import:
    """A file that was brought so many days ago, and nobody went on with it."""
    import_ = received(FILE, {"0": "phone", "1": "name"})
    if is_checked:
        checked(import_)
    return aged(import_, days)


def aged(import_: Import, days: int, **values: Any) -> Import:
    moment = clock.now() - timedelta(days=days)
    db.session.execute(update(Import).where(Import.id == import_.id).values(updated_at=moment, **values))
    db.session.commit()
    db.session.refresh(import_)
    return import_


def for_campaign(status: CampaignStatus, import_status: ImportStatus) -> Import:
    """The old file of a campaign."""
    import_ = service.receive_upload(FileStorage(BytesIO(FILE.encode()), filename="people.csv"), None)
    factories.make_campaign(status=status, target_type=TargetType.IMPORTED, import_id=import_.id)
    return aged(import_, 400, status=import_status)


def kept() -> dict[str, int]:
    gone = door.keep_house()
    db.session.expire_all()
    return gone


@pytest.mark.parametrize("is_checked", [False, True])
def test_a_file_left_in_the_wizard_goes(app: Flask, is_checked: bool) -> None:
    old, young = left(91, is_checked=is_checked), left(89)
    key = old.file_key
    assert retention.rule_of("import_files").count() == 1
    assert kept() == {"import_files": 1}
    assert (old.has_file, young.has_file, old.status) == (False, True, ImportStatus.UPLOADED)
    with pytest.raises(NotStored):
        files.open_file(key)


def test_a_file_that_is_being_checked_stays(app: Flask) -> None:
    import_ = aged(left(), 400, status=ImportStatus.CHECKING)
    assert (kept(), import_.has_file) == ({}, True)


@pytest.mark.parametrize(
    ("status", "import_status"),
    [
        (CampaignStatus.DRAFT, ImportStatus.UPLOADED),
        (CampaignStatus.DRAFT, ImportStatus.FAILED),
        (CampaignStatus.READY, ImportStatus.IMPORTED),
        (CampaignStatus.SCHEDULED, ImportStatus.IMPORTED),
        (CampaignStatus.POPULATING, ImportStatus.UPLOADED),
        (CampaignStatus.SENDING, ImportStatus.IMPORTED),
        (CampaignStatus.PAUSED, ImportStatus.IMPORTED),
    ],
)
def test_a_campaign_that_is_not_over_keeps_its_file(
    app: Flask, status: CampaignStatus, import_status: ImportStatus
) -> None:
    import_ = for_campaign(status, import_status)
    assert (kept(), import_.has_file) == ({}, True)
    assert files.size(import_.file_key) == len(FILE)


@pytest.mark.parametrize("status", [CampaignStatus.COMPLETED, CampaignStatus.CANCELLED])
def test_the_file_of_one_that_is_over_goes(app: Flask, status: CampaignStatus) -> None:
    import_ = for_campaign(status, ImportStatus.IMPORTED)
    assert (kept(), import_.has_file) == ({"import_files": 1}, False)


def test_what_is_gone_is_neither_checked_nor_started(app: Flask) -> None:
    import_ = left()
    kept()
    for deed in (service.start_check, service.start, service.preview):
        with pytest.raises(Refused, match="no longer there; upload it again"):
            deed(import_)


@pytest.mark.parametrize("is_checked", [False, True])
def test_its_page_says_so_and_offers_to_upload_again(
    client: FlaskClient, cast: SimpleNamespace, is_checked: bool
) -> None:
    import_, mona = left(is_checked=is_checked), factories.login(client, cast.mona)
    at = f"/imports/{import_.public_id}"
    kept()
    for step in ("", "/reading", "/columns", "/rules", "/check"):
        page = mona.get(f"{at}{step}", follow_redirects=True)
        assert page.status_code == 200
        assert "Nothing of it was imported" in page.text
        assert "/imports/new?kind=customers" in page.text
        assert "Import now" not in page.text
        assert "Check the file" not in page.text


def test_page_and_api_refuse_to_begin_and_let_it_be_thrown_away(
    app: Flask, client: FlaskClient, cast: SimpleNamespace
) -> None:
    import_, mona = left(), factories.login(client, cast.mona)
    api, at = Caller(app, token_of(cast.mona)), f"/imports/{import_.public_id}"
    kept()
    answers = [door_.post(f"{at}/{deed}") for door_ in (api, mona) for deed in ("check", "start")]
    assert [answer.status_code for answer in answers] == [409] * 4
    assert all("upload it again" in answer.text for answer in answers)
    assert mona.post(f"{at}/discard").status_code == 302
    assert db.session.get(Import, import_.id, populate_existing=True) is None


def test_one_that_failed_says_that_it_cannot_go_on(client: FlaskClient, cast: SimpleNamespace) -> None:
    import_, mona = aged(left(), 91, status=ImportStatus.FAILED), factories.login(client, cast.mona)
    assert "Go on with it" in mona.get(f"/imports/{import_.public_id}").text
    kept()
    page = mona.get(f"/imports/{import_.public_id}").text
    assert "Go on with it" not in page
    assert "What it had brought stays" in page


def test_a_file_that_nobody_names_goes_after_a_week(app: Flask) -> None:
    key = files.save(Import.file_key, BytesIO(b"x"))  # and the process is killed before its commit
    assert kept() == {}
    db.session.execute(update(StoredFile).values(created_at=clock.now() - timedelta(days=8)))
    db.session.commit()
    assert kept() == {"lost_files": 1}
    with pytest.raises(NotStored):
        files.open_file(key)


def test_the_page_counts_what_would_go_and_takes_nothing(client: FlaskClient, cast: SimpleNamespace) -> None:
    import_, mona = left(), factories.login(client, cast.mona)
    typed = {rule.kind.name: "" if rule.days is None else str(rule.days) for rule in retention.rules()}
    db.session.execute(delete(Import).where(Import.id == left().id))
    db.session.execute(update(StoredFile).values(created_at=clock.now() - timedelta(days=8)))
    db.session.commit()
    page = mona.post("/customers/retention/dry-run", data=typed).text
    for kind in ("import_files", "lost_files"):
        assert f'<span id="{kind}-number">1</span> would go' in page
    assert "Earlier values that undoing an import would bring back" in page
    assert files.size(import_.file_key) == len(FILE)

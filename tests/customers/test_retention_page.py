"""The rules of retention as managers set them: tried first, saved, and let run."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.auth.models import AuditEntry
from app.customers.imports.models import ImportFault
from app.customers.jobs.retention import keep_house
from app.customers.privacy import retention
from app.customers.privacy.models import RetentionRule
from app.extensions import db
from app.shared import queues
from tests.customers.test_retention import imported
from tests.factories import login


@pytest.fixture
def mona(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return login(client, cast.mona)


def typed(**days: str) -> dict[str, str]:
    """The form as it stands, with these days."""
    return {rule.kind.name: "" if rule.days is None else str(rule.days) for rule in retention.rules()} | days


def test_it_shows_every_kind_and_its_days(mona: FlaskClient) -> None:
    page = mona.get("/customers/retention").text
    for rule in retention.rules():
        assert rule.kind.label in page
        assert f'name="{rule.kind.name}" value="{"" if rule.days is None else rule.days}"' in page


def test_what_is_saved_holds_and_is_written_down(mona: FlaskClient) -> None:
    mona.post("/customers/retention", data=typed(import_files="7", webhook_events="never"))
    days = {rule.kind.name: rule.days for rule in retention.rules()}
    assert (days["import_files"], days["webhook_events"]) == (7, None)
    told = db.session.scalars(select(AuditEntry.details).where(AuditEntry.action == "retention.set")).all()
    assert sorted(it["kind"] for it in told) == ["import_files", "webhook_events"]


def test_what_did_not_change_stays_the_default(mona: FlaskClient) -> None:
    mona.post("/customers/retention", data=typed())
    assert db.session.scalars(select(RetentionRule)).all() == []


@pytest.mark.parametrize("days", ["0", "-1", "soon", "1.5", "99999", "²", "9" * 400])
@pytest.mark.parametrize("path", ["", "/dry-run"])
def test_days_that_cannot_be_are_refused_at_the_field(mona: FlaskClient, days: str, path: str) -> None:
    answer = mona.post(f"/customers/retention{path}", data=typed(import_files=days, import_errors="5"))
    assert answer.status_code == 422
    assert 'id="import_files-hint">' in answer.text
    assert retention.rule_of("import_errors").days == 180


def test_a_dry_run_counts_by_what_is_typed_and_takes_nothing(mona: FlaskClient) -> None:
    imported(100)
    page = mona.post("/customers/retention/dry-run", data=typed(import_errors="99")).text
    assert '<span id="import_errors-number">1</span> would go' in page
    assert retention.rule_of("import_errors").days == 180
    assert db.session.scalars(select(ImportFault)).all()


def test_a_dry_run_tells_what_the_run_then_brings(mona: FlaskClient) -> None:
    for days in (400, 200, 100, 10):
        imported(days)
    page = mona.post("/customers/retention/dry-run", data=typed()).text
    gone = keep_house()
    for kind, number in gone.items():
        assert f'<span id="{kind}-number">{number}</span> would go' in page
    assert gone == {"import_files": 3, "import_errors": 2}


def test_it_runs_at_once_when_told_and_says_what_went(mona: FlaskClient) -> None:
    imported(400)
    mona.post("/customers/retention/run")
    [job] = queues.queue(queues.SYNC).jobs
    assert job.func is keep_house
    keep_house()
    assert "1 uploaded files, 1 rows that could not be imported." in mona.get("/customers/retention").text


@pytest.mark.parametrize("who", ["bob", "vera"])
@pytest.mark.parametrize("path", ["", "/run", "/dry-run"])
def test_agents_and_viewers_may_not(client: FlaskClient, cast: SimpleNamespace, who: str, path: str) -> None:
    login(client, getattr(cast, who))
    assert client.post(f"/customers/retention{path}", data=typed(import_files="1")).status_code == 403
    assert retention.rule_of("import_files").days == 90

"""The jobs page: what RQ knows, safely shown, and what may be done to failed jobs."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rq import Worker
from sqlalchemy import select

from app.auth.models import AuditEntry
from app.extensions import db, redis_connection
from app.operations import rq_view
from app.shared import queues
from tests.factories import login
from tests.operations import failing_jobs


def test_it_escapes_what_an_exception_says(client: FlaskClient, cast, failed_job) -> None:
    failed_job(failing_jobs.choke, 7)
    page = login(client, cast.alice).get("/jobs").text
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "ValueError" in page


def test_it_shows_ids_and_no_other_argument(client: FlaskClient, cast, failed_job) -> None:
    failed_job(failing_jobs.choke, 4711)
    queues.ring(queues.SENDS, failing_jobs.stumble, 12, "hush-hush")
    failed_job(failing_jobs.stumble, 13, "hush-hush")
    page = login(client, cast.alice).get("/jobs").text
    assert "#4711" in page
    assert "hush-hush" not in page


def test_it_groups_failures_by_exception(app: Flask, failed_job) -> None:
    for number in range(3):
        failed_job(failing_jobs.choke, number)
    failed_job(failing_jobs.stumble, 9)
    groups = {group.exception: len(group.failures) for group in rq_view.failed_groups()}
    assert groups == {"KeyError": 1, "ValueError": 3}


@pytest.mark.parametrize(
    ("traceback", "exception"),
    [
        ('Traceback\n  File "a.py", line 1\n    x\nValueError: one\ntwo: three\n', ("ValueError", "one")),
        (
            '  File "a.py"\nsqlalchemy.exc.NoResultFound: none\n(Background: x)',
            ("sqlalchemy.exc.NoResultFound", "none"),
        ),
        ("KeyboardInterrupt", ("KeyboardInterrupt", "")),
        ("", ("Unknown", "")),
        ("  <script>\n???", ("Unknown", "???")),
    ],
)
def test_it_reads_the_exception(traceback: str, exception: tuple[str, str]) -> None:
    assert rq_view.read_exception(traceback) == exception


def test_it_requeues_one(client: FlaskClient, cast, failed_job) -> None:
    job_id = failed_job(failing_jobs.choke, 1)
    other = failed_job(failing_jobs.choke, 2)
    login(client, cast.mona).post("/jobs/requeue", data={"only": job_id})
    assert queues.queue(queues.SYNC).get_job_ids() == [job_id]
    assert [failure.job.id for failure in rq_view.failures()] == [other]


def test_it_deletes_the_ticked(client: FlaskClient, cast, failed_job) -> None:
    ids = [failed_job(failing_jobs.choke, number) for number in range(3)]
    login(client, cast.mona).post("/jobs/delete", data={"job": ids[:2]})
    assert [failure.job.id for failure in rq_view.failures()] == ids[2:]


def test_it_deletes_a_whole_group_and_no_other(client: FlaskClient, cast, failed_job) -> None:
    failed_job(failing_jobs.choke, 1)
    failed_job(failing_jobs.choke, 2)
    survivor = failed_job(failing_jobs.stumble, 3)
    login(client, cast.mona).post("/jobs/delete", data={"exception": "ValueError", "whole": "yes"})
    assert [failure.job.id for failure in rq_view.failures()] == [survivor]


def test_it_never_deletes_a_job_that_has_not_failed(client: FlaskClient, cast) -> None:
    waiting = queues.queue(queues.SENDS).enqueue(failing_jobs.choke, 1)
    login(client, cast.mona).post("/jobs/delete", data={"only": waiting.id})
    assert queues.queue(queues.SENDS).get_job_ids() == [waiting.id]


def test_it_audits_who_did_it(client: FlaskClient, cast, failed_job) -> None:
    job_id = failed_job(failing_jobs.choke, 1)
    login(client, cast.mona).post("/jobs/delete", data={"only": job_id})
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "jobs.delete")).one()
    assert entry.user_id == cast.mona.id
    assert entry.details == {"count": 1, "exception": None, "jobs": [job_id]}


@pytest.mark.parametrize("data", [{}, {"only": "\0"}, {"job": ["no-such-job"]}, {"exception": "\0", "whole": "yes"}])
def test_it_bears_odd_forms(client: FlaskClient, cast, data: dict[str, object]) -> None:
    assert login(client, cast.mona).post("/jobs/requeue", data=data).status_code == 302


@pytest.mark.parametrize(("who", "look", "deed"), [("vera", 403, 403), ("bob", 200, 403), ("mona", 200, 302)])
def test_it_lets_in_whom_it_should(client: FlaskClient, cast, who: str, look: int, deed: int) -> None:
    login(client, getattr(cast, who))
    assert client.get("/jobs").status_code == look
    assert client.post("/jobs/delete").status_code == deed


def test_it_offers_an_agent_no_deed(client: FlaskClient, cast, failed_job) -> None:
    failed_job(failing_jobs.choke, 1)
    page = login(client, cast.bob).get("/jobs").text
    assert "ValueError" in page
    assert "Requeue" not in page
    assert 'name="job"' not in page


def test_it_says_that_redis_is_away(client: FlaskClient, cast, redis_away) -> None:
    login(client, cast.alice)
    for path in ("/jobs", "/jobs/live"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Redis cannot be reached" in answer.text
    assert client.post("/jobs/delete", data={"only": "x"}).status_code == 503


def test_it_shows_the_worker_and_its_queue(client: FlaskClient, cast, worker, ticking) -> None:
    page = login(client, cast.alice).get("/jobs/live").text
    assert str(worker.pid) in page
    assert "Idle" in page
    assert 'hx-trigger="every 5s"' in page


def test_a_look_changes_nothing_in_redis(client: FlaskClient, cast, failed_job, worker) -> None:
    failed_job(failing_jobs.choke, 1)
    before = sorted(redis_connection().keys("rq:*"))
    login(client, cast.alice).get("/jobs")
    assert sorted(redis_connection().keys("rq:*")) == before


class TestBanner:
    def test_it_hangs_on_every_page_while_nobody_works(self, client: FlaskClient, cast, ticking) -> None:
        login(client, cast.alice)
        for path in ("/", "/customers", "/jobs"):
            assert "No worker runs" in client.get(path).text

    def test_it_says_that_nobody_ticks(self, client: FlaskClient, cast, worker) -> None:
        assert "No scheduler ticks" in login(client, cast.alice).get("/customers").text

    def test_it_says_that_redis_is_away(self, client: FlaskClient, cast, redis_away) -> None:
        assert "Redis cannot be reached" in login(client, cast.alice).get("/customers").text

    def test_it_names_the_queue_that_nobody_serves(self, client: FlaskClient, cast, ticking) -> None:
        lonely = Worker([queues.queue(queues.SENDS), queues.queue(queues.RECEIPTS)], connection=redis_connection())
        lonely.register_birth()
        assert "No worker serves imports and sync" in login(client, cast.alice).get("/customers").text

    def test_it_is_gone_when_all_run(self, client: FlaskClient, cast, worker, ticking) -> None:
        page = login(client, cast.alice).get("/customers").text
        assert "No worker runs" not in page
        assert "No scheduler ticks" not in page

    def test_it_spares_those_who_may_not_see_jobs(self, client: FlaskClient, cast) -> None:
        assert "No worker runs" not in login(client, cast.vera).get("/customers").text

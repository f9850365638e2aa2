"""Erasing a person by the API."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.customers.jobs.erasures import erase_on
from app.customers.models import Customer, Sale
from app.customers.service import suppression
from app.extensions import db
from app.shared import queues
from tests import factories
from tests.api.conftest import Caller, token_of

ASHA = "+919812345678"


@pytest.fixture
def asha(app: Flask) -> str:
    customer = factories.make_customer(phone=ASHA)
    factories.make_sale(customer)
    db.session.commit()
    return f"/customers/{customer.public_id}"


def test_it_erases_and_tells_how_far_it_is(api: Caller, asha: str) -> None:
    answer = api.call("DELETE", asha)
    assert (answer.status_code, answer.json["status"]) == (202, "searching")
    [job] = queues.queue(queues.SYNC).jobs
    erase_on(*job.args)
    told = api.get(f"/erasures/{answer.json['id']}").json
    assert (told["status"], told["progress"], told["finished_at"] is not None) == ("finished", 100, True)


def test_the_person_is_gone_and_their_sale_stays(api: Caller, asha: str) -> None:
    api.call("DELETE", asha)
    assert api.get(asha).status_code == 404
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 0
    assert db.session.scalars(select(Sale)).one().customer_id is None


def test_made_anew_they_are_suppressed_and_their_yes_is_refused(api: Caller, asha: str) -> None:
    api.call("DELETE", asha)
    again = api.post("/customers", {"phone": ASHA, "name": "Asha"}).json["id"]
    assert api.get(f"/customers/{again}").json["is_suppressed"] is True
    yes = {"granted": True, "source": "checkout", "wording": "Yes"}
    assert api.post(f"/customers/{again}/consent", yes).status_code == 409


def test_a_second_time_there_is_nobody(api: Caller, asha: str) -> None:
    api.call("DELETE", asha)
    assert api.call("DELETE", asha).status_code == 404


def test_an_agent_may_not(app: Flask, cast: SimpleNamespace, asha: str) -> None:
    caller = Caller(app, token_of(cast.bob))
    assert caller.call("DELETE", asha).status_code == 403
    assert not suppression.is_suppressed(ASHA)


def test_an_erasure_that_never_was_is_missing(api: Caller) -> None:
    assert api.get("/erasures/01970000-0000-7000-8000-000000000000").status_code == 404

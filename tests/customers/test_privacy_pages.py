"""What the law lets a person ask for, from their page: their data, and to be forgotten."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.auth.models import AuditEntry
from app.customers.jobs.erasures import erase_on
from app.customers.models import Customer
from app.customers.privacy.models import Erasure
from app.customers.service import suppression
from app.extensions import db
from app.shared import queues
from tests import factories
from tests.customers.people import EMAIL, NAME, PHONE, known_everywhere

LAST = {"confirmation": PHONE[-4:], "by_name": "y"}


@pytest.fixture
def mona(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return factories.login(client, cast.mona)


@pytest.fixture
def zarina(app: Flask) -> str:
    """The address of her page."""
    customer = factories.make_customer(phone=PHONE, name=NAME, email=EMAIL)
    factories.make_sale(customer)
    db.session.commit()
    return f"/customers/{customer.public_id}"


def test_the_card_offers_her_data_and_says_nothing_of_suppression(mona: FlaskClient, zarina: str) -> None:
    card = mona.get(f"{zarina}/privacy", headers={"HX-Request": "true"}).text
    assert card.lstrip().startswith('<div class="card"')
    assert f'href="{zarina}/data.json"' in card
    assert "suppressed" not in card


def test_the_card_says_why_she_gets_no_marketing(mona: FlaskClient, zarina: str) -> None:
    suppression.suppress([PHONE], "import", "list of May")
    db.session.commit()
    page = mona.get(f"{zarina}/privacy").text
    assert "on an imported list of opt-outs (“list of May”)" in page


def test_her_data_comes_as_json(mona: FlaskClient, cast: SimpleNamespace) -> None:
    world = known_everywhere(cast.alice)
    answer = mona.get(f"/customers/{world.customer.public_id}/data.json")
    assert answer.headers["Content-Disposition"] == "attachment; filename=person.json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.text)["tables"]["customers"][0]["phone"] == PHONE


def test_her_data_comes_as_csv_files(mona: FlaskClient, cast: SimpleNamespace) -> None:
    world = known_everywhere(cast.alice)
    answer = mona.get(f"/customers/{world.customer.public_id}/data.zip")
    assert {"customers.csv", "messages.csv", "sales.csv"} <= {*zipfile.ZipFile(BytesIO(answer.data)).namelist()}


def test_who_took_her_data_is_known(mona: FlaskClient, zarina: str, cast: SimpleNamespace) -> None:
    mona.get(f"{zarina}/data.json")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "customer.export")).one()
    assert (entry.user_id, entry.details) == (cast.mona.id, {"format": "JSON"})


def test_before_she_is_erased_it_says_what_stays(mona: FlaskClient, zarina: str) -> None:
    page = mona.get(f"{zarina}/erase").text
    assert "1 sale, as your books need" in page
    assert "Type the last 4 digits of the number" in page
    assert f"Nobody else is called “{NAME}”" in page


def test_erasing_her_from_the_page_leaves_nothing(mona: FlaskClient, zarina: str) -> None:
    answer = mona.post(f"{zarina}/erase", data=LAST)
    assert answer.headers["Location"].endswith("/customers/erasures")
    [job] = queues.queue(queues.SYNC).jobs
    erase_on(*job.args)
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 0
    assert suppression.is_suppressed(PHONE)
    assert mona.get(zarina).status_code == 404


@pytest.mark.parametrize("typed", ["", "1234", "erase", "５６７８"])
def test_nobody_is_erased_by_mistake(mona: FlaskClient, zarina: str, typed: str) -> None:
    answer = mona.post(f"{zarina}/erase", data={"confirmation": typed})
    assert answer.status_code == 422
    assert "These are not the last 4 characters." in answer.text
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 1


def test_without_a_number_the_end_of_the_id_is_typed(mona: FlaskClient) -> None:
    customer = factories.make_customer(phone=None, user_id="IN.13491208655302741918")
    db.session.commit()
    mona.post(f"/customers/{customer.public_id}/erase", data={"confirmation": "1918"})
    assert suppression.is_suppressed("IN.13491208655302741918")


@pytest.mark.parametrize("ticked", [True, False])
def test_her_name_in_the_words_of_others_goes_as_one_chooses(mona: FlaskClient, zarina: str, ticked: bool) -> None:
    other = factories.make_customer(attributes={"friend": f"{NAME.upper()}, from Goa"})
    db.session.commit()
    mona.post(f"{zarina}/erase", data=LAST if ticked else {"confirmation": PHONE[-4:]})
    erase_on(db.session.scalars(select(Erasure.id)).one())
    db.session.refresh(other)
    assert other.attributes["friend"] == ("[erased], from Goa" if ticked else f"{NAME.upper()}, from Goa")


@pytest.mark.parametrize("who", ["bob", "vera"])
def test_agents_and_viewers_may_not_erase(client: FlaskClient, cast: SimpleNamespace, zarina: str, who: str) -> None:
    factories.login(client, getattr(cast, who))
    assert client.post(f"{zarina}/erase", data=LAST).status_code == 403
    assert client.get("/customers/erasures").status_code == 403
    assert "/erase" not in client.get(f"{zarina}/privacy").text


def test_a_viewer_may_not_take_her_data(client: FlaskClient, cast: SimpleNamespace, zarina: str) -> None:
    factories.login(client, cast.vera)
    assert client.get(f"{zarina}/data.json").status_code == 403
    assert client.get(f"{zarina}/data.zip").status_code == 403


def test_the_list_says_how_far_it_is_and_not_who(mona: FlaskClient, zarina: str) -> None:
    mona.post(f"{zarina}/erase", data=LAST)
    page = mona.get("/customers/erasures").text
    assert "searching" in page
    assert 'hx-trigger="every 2s"' in page
    assert NAME not in page.replace(NAME, "", 0) or PHONE not in page
    erase_on(db.session.scalars(select(Erasure.id)).one())
    done = mona.get("/customers/erasures/live").text
    assert "finished" in done
    assert "hx-trigger" not in done


def test_somebody_who_is_no_customer_is_erased_by_number(mona: FlaskClient) -> None:
    mona.post("/customers/erasures", data={"address": "98000 00099", "is_sure": "y"})
    assert suppression.is_suppressed("+919800000099")


def test_a_customer_is_erased_from_their_page_only(mona: FlaskClient, zarina: str) -> None:
    answer = mona.post("/customers/erasures", data={"address": PHONE, "is_sure": "y"})
    assert answer.headers["Location"].endswith(f"{zarina}/erase")
    assert db.session.scalars(select(Erasure)).all() == []


@pytest.mark.parametrize(
    "sent", [{"address": "98000 00099"}, {"address": "", "is_sure": "y"}, {"address": "x", "is_sure": "y"}]
)
def test_without_a_number_or_a_tick_nobody_is_erased(mona: FlaskClient, sent: dict[str, str]) -> None:
    assert mona.post("/customers/erasures", data=sent).status_code == 422
    assert db.session.scalars(select(Erasure)).all() == []

"""The suppression list as the team sees it: who is on it, put on it, and taken off it by the owner."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.auth.models import AuditEntry
from app.customers.privacy.models import Suppression
from app.customers.service import suppression
from app.extensions import db
from tests.customers.searching import Wanted, in_database
from tests.factories import login, make_customer

ASHA, SPELLED = "+919800000001", "098000 00001"


@pytest.fixture
def alice(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return login(client, cast.alice)


@pytest.fixture
def mona(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return login(client, cast.mona)


def listed(reason: str = "erased") -> None:
    suppression.suppress([ASHA], reason, "by file")
    db.session.commit()


def test_it_tells_how_many_are_on_it_and_why(mona: FlaskClient) -> None:
    suppression.suppress([ASHA, "IN.1"], "erased")
    suppression.suppress(["+919800000002"], "import")
    db.session.commit()
    page = mona.get("/customers/suppressions").text
    assert '<dt class="col-8">Erased</dt><dd class="col-4 text-end">2</dd>' in page
    assert '<dd class="col-4 text-end" id="total">3</dd>' in page


def test_it_tells_whether_a_number_is_on_it_however_it_is_written(mona: FlaskClient) -> None:
    listed("import")
    page = mona.post("/customers/suppressions/look-up", data={"look-address": SPELLED}).text
    assert "on an imported list of opt-outs (“by file”)" in page
    other = mona.post("/customers/suppressions/look-up", data={"look-address": "98000 00009"}).text
    assert "not on the list" in other


def test_it_finds_a_customer_by_the_id_of_meta(mona: FlaskClient) -> None:
    make_customer(phone=ASHA, user_id="IN.77", name="Asha Rao")
    listed()
    page = mona.post("/customers/suppressions/look-up", data={"look-address": "IN.77"}).text
    assert "on the list" in page
    assert "Asha Rao" in page


def test_looking_up_writes_nothing(mona: FlaskClient) -> None:
    mona.post("/customers/suppressions/look-up", data={"look-address": SPELLED})
    assert db.session.scalar(select(func.count()).select_from(Suppression)) == 0


@pytest.mark.parametrize("path", ["/look-up", "", "/lift"])
@pytest.mark.parametrize("address", ["", "nobody", "12", "9" * 300])
def test_it_says_what_is_no_number(alice: FlaskClient, path: str, address: str) -> None:
    fields = {f"{form}-{name}": value for form in ("look", "add", "lift") for name, value in
              (("address", address), ("reason", "because"))}  # fmt: skip
    answer = alice.post(f"/customers/suppressions{path}", data=fields)
    assert answer.status_code == 422
    assert "is-invalid" in answer.text


def test_a_manager_puts_somebody_on_it(mona: FlaskClient) -> None:
    mona.post("/customers/suppressions", data={"add-address": SPELLED, "add-reason": "asked by phone"})
    assert suppression.is_suppressed(ASHA)
    row = db.session.scalars(select(Suppression)).one()
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "suppression.add")).one()
    assert (row.reason, row.source, entry.subject_id) == ("banned", "asked by phone", row.id)


def test_with_a_customer_their_id_goes_on_it_too(mona: FlaskClient) -> None:
    make_customer(phone=ASHA, user_id="IN.77")
    db.session.commit()
    mona.post("/customers/suppressions", data={"add-address": SPELLED, "add-reason": "x"})
    assert suppression.is_suppressed("IN.77")


def test_the_owner_takes_somebody_off_it_and_says_why(alice: FlaskClient) -> None:
    listed()
    alice.post("/customers/suppressions/lift", data={"lift-address": SPELLED, "lift-reason": "signed at the counter"})
    assert not suppression.is_suppressed(ASHA)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "suppression.lift")).one()
    assert entry.details == {"was": "erased", "reason": "signed at the counter"}


def test_nobody_is_taken_off_without_a_reason(alice: FlaskClient) -> None:
    listed()
    answer = alice.post("/customers/suppressions/lift", data={"lift-address": SPELLED, "lift-reason": " "})
    assert (answer.status_code, suppression.is_suppressed(ASHA)) == (422, True)


def test_who_is_not_on_it_cannot_be_taken_off(alice: FlaskClient) -> None:
    answer = alice.post("/customers/suppressions/lift", data={"lift-address": SPELLED, "lift-reason": "x"})
    assert (answer.status_code, "This address is not on the list." in answer.text) == (422, True)


@pytest.mark.parametrize(("who", "path"), [("mona", "/lift"), ("bob", "/lift"), ("bob", ""), ("vera", "")])
def test_others_may_not(client: FlaskClient, cast: SimpleNamespace, who: str, path: str) -> None:
    listed()
    login(client, getattr(cast, who))
    answer = client.post(f"/customers/suppressions{path}", data={"lift-address": ASHA, "lift-reason": "x"})
    assert (answer.status_code, suppression.is_suppressed(ASHA)) == (403, True)


def test_no_number_is_kept_anywhere_by_using_the_page(alice: FlaskClient) -> None:
    words = {"add-address": ASHA, "add-reason": "x", "lift-address": ASHA, "lift-reason": "y", "look-address": ASHA}
    for path in ("", "/look-up", "/lift"):
        assert alice.post(f"/customers/suppressions{path}", data=words).status_code in (200, 302)
    assert in_database(Wanted(ASHA[3:])) == []


@pytest.mark.parametrize("path", ["", "/look-up", "/lift"])
@pytest.mark.parametrize("nasty", ["\x00", "98000 00001\x00", "@\x00"])
def test_signs_that_cannot_be_kept_break_nothing(alice: FlaskClient, path: str, nasty: str) -> None:
    words = {f"{form}-{field}": nasty for form in ("look", "add", "lift") for field in ("address", "reason")}
    assert alice.post(f"/customers/suppressions{path}", data=words).status_code < 500


def test_the_list_of_customers_leads_to_it(mona: FlaskClient) -> None:
    assert 'href="/customers/suppressions"' in mona.get("/customers").text

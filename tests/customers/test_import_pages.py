"""The import pages: each step says what it found, keeps what was typed, and refuses with a sentence at its field."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from io import BytesIO, StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.auth.models import AuditEntry
from app.customers.imports.models import Import, ImportKind, ImportMapping, ImportStatus
from app.customers.jobs import imports as jobs
from app.customers.models import Customer, Sale
from app.extensions import db
from app.shared import clock
from tests.factories import login, make_customer

GUESTS = b"Name;Phone;City;Dog\nAsha;9820012345;Pune;Rex\nRavi;12;Goa;\nGita;+919820012399;;Bello\n"


@pytest.fixture
def mona(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return login(client, cast.mona)


def upload(client: FlaskClient, content: bytes = GUESTS, kind: str = "customers") -> TestResponse:
    return client.post("/imports/new", data={"kind": kind, "file": (BytesIO(content), "guests.csv")})


def uploaded(client: FlaskClient, content: bytes = GUESTS, kind: str = "customers") -> str:
    """The address of a freshly uploaded import."""
    answer = upload(client, content, kind)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"].removesuffix("/reading")


def mapped(client: FlaskClient, **rules: Any) -> str:
    """The address of an import whose columns and rules were chosen and that was checked."""
    at = uploaded(client)
    assert client.post(f"{at}/columns", data=COLUMNS).status_code == 302
    answer = client.post(f"{at}/rules", data=RULES | rules)
    assert answer.headers["Location"] == f"{at}/check", answer.text
    jobs.check(the_import().id)
    return at


def imported(client: FlaskClient, **rules: Any) -> str:
    at = mapped(client, **rules)
    client.post(f"{at}/start")
    jobs.run(the_import().id)
    return at


def the_import() -> Import:
    db.session.expire_all()
    return db.session.scalars(select(Import).order_by(Import.id.desc())).first()  # type: ignore[return-value]


COLUMNS = {"column-0": "name", "column-1": "phone", "column-2": "city", "column-3": "attribute", "attribute-3": "Pet"}
RULES = {"region": "IN", "existing": "update", "consent": "none", "tags": "Goa, vip"}


def test_the_list_invites_to_the_first_import(mona: FlaskClient) -> None:
    page = mona.get("/imports").text
    assert "No imports yet" in page
    assert 'href="/imports/new"' in page


def test_its_page_says_where_numbers_are_from_in_words(mona: FlaskClient) -> None:
    assert 'Numbers from</dt><dd class="col-sm-9">India</dd>' in mona.get(imported(mona)).text


def test_the_list_shows_and_filters(mona: FlaskClient) -> None:
    uploaded(mona)
    uploaded(mona, kind="opt_outs")
    assert mona.get("/imports").text.count("guests.csv") == 2
    assert mona.get("/imports?kind=opt_outs&status=uploaded").text.count("guests.csv") == 1
    assert "No import here" in mona.get("/imports?status=imported").text
    assert "No import here" in mona.get("/imports?kind=nonsense").text


@pytest.mark.parametrize("kind", ["customers", "sales", "opt_outs"])
def test_there_is_a_sample_of_each_kind_that_can_be_imported(mona: FlaskClient, kind: str) -> None:
    sample = mona.get(f"/imports/samples/{kind}.csv")
    at = uploaded(mona, sample.data, kind)
    assert "Skip this column" in mona.get(f"{at}/columns").text
    assert mona.get("/imports/samples/nonsense.csv").status_code == 404


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "This file is empty"), (b"%PDF-1.7", "This is a PDF"), (b"PK\x03\x04 xl/workbook", "Excel workbook")],
)
def test_what_is_no_table_is_refused_at_the_file(mona: FlaskClient, content: bytes, sentence: str) -> None:
    answer = upload(mona, content, "sales")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'checked class="form-selectgroup-input" id="kind-1"' in answer.text  # what was chosen stays


def test_it_asks_for_a_file_and_a_kind(mona: FlaskClient) -> None:
    answer = mona.post("/imports/new", data={})
    assert answer.status_code == 422
    assert "Choose a CSV file." in answer.text
    assert "Choose what the file holds." in answer.text


def test_it_says_how_the_file_reads_and_reads_it_otherwise(mona: FlaskClient) -> None:
    at = uploaded(mona)
    assert "Rex" in mona.get(f"{at}/reading").text
    mona.post(f"{at}/reading", data={"encoding": "cp1252", "delimiter": ",", "has_header": "no"})
    assert the_import().reading["columns"] == ["Column 1"]
    answer = mona.post(f"{at}/reading", data={"encoding": "klingon", "delimiter": ",", "has_header": "no"})
    assert answer.status_code == 422


def test_it_guesses_the_columns_with_their_first_values(mona: FlaskClient) -> None:
    page = mona.get(f"{uploaded(mona)}/columns").text
    assert '<option value="phone" selected>' in page
    assert '<option value="attribute" selected>' in page
    assert "9820012345" in page


def test_without_a_number_there_is_nobody(mona: FlaskClient) -> None:
    at = uploaded(mona)
    answer = mona.post(f"{at}/columns", data={"column-0": "name", "column-3": "attribute", "attribute-3": "Pet"})
    assert answer.status_code == 422
    assert "Say which column holds the phone numbers." in answer.text
    assert 'value="Pet"' in answer.text


def test_a_mapping_is_kept_used_again_and_forgotten(mona: FlaskClient) -> None:
    mona.post(f"{uploaded(mona)}/columns", data=COLUMNS | {"remember": "From the till"})
    at = uploaded(mona, b"City,Dog,Phone,Name\nPune,Rex,9820012345,Asha\n")
    assert 'value="Pet"' in mona.get(f"{at}/columns?saved=From the till").text
    mona.post(f"{at}/columns/forget", data={"name": "From the till"})
    assert db.session.scalars(select(ImportMapping)).all() == []
    assert mona.get(f"{at}/columns?saved=From the till").status_code == 404


def test_rules_wait_for_the_columns(mona: FlaskClient) -> None:
    at = uploaded(mona)
    the_import().mapping = {}
    db.session.commit()
    assert mona.get(f"{at}/rules").headers["Location"] == f"{at}/columns"
    assert mona.get(f"{at}/check").headers["Location"] == f"{at}/columns"


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ({"existing": ""}, "Choose one."),
        ({"region": "XX"}, "Not a valid choice."),
        ({"consent": "wording", "wording": " "}, "Write down what these people agreed to."),
        ({"consent": "column", "column": ""}, "Choose the column that says it."),
        ({"tags": "x" * 100}, "at most 80 characters"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_at_its_field(
    mona: FlaskClient, rules: dict[str, str], sentence: str
) -> None:
    at = uploaded(mona)
    mona.post(f"{at}/columns", data=COLUMNS)
    answer = mona.post(f"{at}/rules", data=RULES | rules)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_the_check_says_what_would_happen_and_does_nothing(mona: FlaskClient) -> None:
    make_customer(phone="+919820012345", name="Asha", city="Agra")
    at = mapped(mona)
    page = mona.get(f"{at}/check").text
    assert "Checked: nothing is imported yet" in page
    assert figures(page) == {
        "New": 1,
        "Changed": 1,
        "Unchanged": 0,
        "Unusable": 1,
        "Duplicates": 0,
        "Never marketing": 0,
    }
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 1


def test_an_import_brings_what_the_check_said(mona: FlaskClient) -> None:
    at = imported(mona)
    gita = db.session.scalars(select(Customer).where(Customer.phone == "+919820012399")).one()
    assert (gita.attributes, sorted(gita.tags)) == ({"Pet": "Bello"}, ["goa", "vip"])
    page = mona.get(at).text
    assert figures(page)["New"] == 2
    assert "attribute “Pet”" in page
    assert "Gita" in mona.get(f"{at}/rows/new").text
    assert "Ravi;12;Goa" in mona.get(f"{at}/rows/invalid").text
    assert mona.get(f"{at}/rows/nonsense").status_code == 404


def test_ticked_consent_is_in_the_ledger_with_its_wording(mona: FlaskClient) -> None:
    at = imported(mona, consent="wording", wording="Agreed at the counter")
    assert "Agreed at the counter" in mona.get(at).text
    assert db.session.scalars(select(Customer.marketing_opt_in)).all() == [True, True]


def test_the_rows_given_back_fit_when_they_are_put_right(mona: FlaskClient) -> None:
    at = imported(mona)
    header, ravi = csv.reader(StringIO(mona.get(f"{at}/errors.csv").text.lstrip("\ufeff")))
    assert header == ["Row", "Reason", "Name", "Phone", "City", "Dog"]
    mended = ",".join(header) + "\n" + ",".join([*ravi[:3], "9820077777", *ravi[4:]]) + "\n"
    page = mona.get(f"{uploaded(mona, mended.encode())}/columns").text
    assert selected(page) == ["", "", "name", "phone", "city", "attribute"]


def test_a_file_given_back_twice_names_row_and_reason_once(mona: FlaskClient) -> None:
    at = uploaded(mona, b"Row,Reason,Name,Phone\n3,too short,Ravi,12\n")
    mona.post(f"{at}/columns", data={"column-2": "name", "column-3": "phone"})
    mona.post(f"{at}/rules", data=RULES)
    jobs.check(the_import().id)
    mona.post(f"{at}/start")
    jobs.run(the_import().id)
    header, ravi = csv.reader(StringIO(mona.get(f"{at}/errors.csv").text.lstrip("\ufeff")))
    assert (header, ravi[2:]) == (["Row", "Reason", "Name", "Phone"], ["Ravi", "12"])


def test_what_was_made_harmless_comes_back_as_it_was(mona: FlaskClient) -> None:
    at = uploaded(mona, b"Name;Phone;=City;Dog\n-Asha;12;=Pune;'Rex\n")
    mona.post(f"{at}/columns", data=COLUMNS)
    mona.post(f"{at}/rules", data=RULES)
    jobs.check(the_import().id)
    mona.post(f"{at}/start")
    jobs.run(the_import().id)
    given = mona.get(f"{at}/errors.csv").text.lstrip("\ufeff")
    assert "'-Asha,12,'=Pune,'Rex" in given
    at = uploaded(mona, given.replace(",12,", ",9820012345,").encode())
    page = mona.get(f"{at}/reading").text
    assert "&#39;=City" not in page
    mona.post(f"{at}/columns", data={"column-2": "name", "column-3": "phone", "column-4": "city"})
    mona.post(f"{at}/rules", data=RULES)
    jobs.check(the_import().id)
    mona.post(f"{at}/start")
    jobs.run(the_import().id)
    assert db.session.execute(select(Customer.name, Customer.city)).one() == ("-Asha", "=Pune")


def test_a_file_of_ones_own_keeps_its_apostrophes(mona: FlaskClient) -> None:
    at = uploaded(mona, b"Name;Phone\n'-Asha;9820012345\n")
    assert "&#39;-Asha" in mona.get(f"{at}/reading").text


def test_rows_that_said_nothing_new_are_not_called_changed(mona: FlaskClient) -> None:
    make_customer(phone="+919820012345", name="Asha", city="Pune", attributes={"Pet": "Rex"}, tags=["goa", "vip"])
    make_customer(phone="+919820012399", name="Old Gita")
    at = imported(mona, consent="none")
    page = mona.get(f"{at}/rows/updated").text
    assert "Gita" in page
    assert "Asha" not in page


def test_the_very_same_file_is_met_with_a_warning(mona: FlaskClient) -> None:
    imported(mona)
    assert "This very file was imported before" in mona.get(f"{uploaded(mona)}/reading").text
    assert "imported before" not in mona.get(f"{uploaded(mona, GUESTS + b'Omar;9820055555;;')}/reading").text


def test_one_comes_back_to_where_one_stood(mona: FlaskClient) -> None:
    at = uploaded(mona)
    assert mona.get(at).headers["Location"] == f"{at}/reading"
    mona.post(f"{at}/columns", data=COLUMNS)
    assert mona.get(at).headers["Location"] == f"{at}/rules"
    mona.post(f"{at}/rules", data=RULES)
    assert mona.get(f"{at}/columns").headers["Location"] == f"{at}/check"
    assert 'hx-trigger="every 2s"' in mona.get(f"{at}/live").text


def test_a_check_can_be_stopped(mona: FlaskClient) -> None:
    at = uploaded(mona)
    mona.post(f"{at}/columns", data=COLUMNS)
    mona.post(f"{at}/rules", data=RULES)
    mona.post(f"{at}/cancel")
    assert the_import().status in (ImportStatus.UPLOADED, ImportStatus.CANCELLED)
    assert mona.get(at, follow_redirects=True).status_code == 200


def test_an_upload_can_be_thrown_away(mona: FlaskClient) -> None:
    at = uploaded(mona)
    assert mona.post(f"{at}/discard").headers["Location"] == "/imports"
    assert the_import() is None
    assert mona.get(at).status_code == 404


def test_an_import_that_has_begun_leads_to_its_page(mona: FlaskClient) -> None:
    at = imported(mona)
    for step in ("reading", "columns", "rules", "check"):
        assert mona.get(f"{at}/{step}").headers["Location"] == at
    assert mona.post(f"{at}/discard").status_code == 409
    assert mona.post(f"{at}/start").status_code == 409


def test_undoing_says_what_it_takes_back_and_what_it_leaves(mona: FlaskClient) -> None:
    at = imported(mona)
    gita = db.session.scalars(select(Customer).where(Customer.name == "Gita")).one()
    mona.post(f"/customers/{gita.public_id}/opt-in", data={"wording": "Said so at the counter"})
    page = mona.get(f"{at}/undo").text
    assert figures(page)["Taken back"] == 1
    assert figures(page)["Left as they are"] == 1
    assert mona.post(f"{at}/undo").status_code == 422
    mona.post(f"{at}/undo", data={"sure": "yes"})
    jobs.undo(the_import().id)
    assert db.session.scalars(select(Customer.name)).all() == ["Gita"]
    assert "Undone" in mona.get(at).text


def test_it_says_how_fast_it_goes_and_how_long_it_takes(mona: FlaskClient) -> None:
    at, import_ = mapped(mona), the_import()
    import_.status, import_.started_at = ImportStatus.IMPORTING, clock.now() - timedelta(seconds=11)
    import_.total, import_.bytes_done, import_.bytes_total = 5_000, 100, 400
    db.session.commit()
    page = mona.get(f"{at}/live").text
    assert re.search(r"4\d\d rows a second, about 3\d s left", page)
    assert "Cancel the import" in page


def test_a_columns_consent_is_not_asked_for_twice(mona: FlaskClient) -> None:
    at = mapped(mona, consent="wording", wording="Agreed")
    mona.post(f"{at}/columns", data=COLUMNS | {"column-3": "consent"})
    page = mona.get(f"{at}/rules").text
    assert "The column “Dog” says it" in page
    assert "These people agreed" not in page
    mona.post(f"{at}/rules", data=RULES | {"consent": "column", "column": "3"})
    assert the_import().rules["consent"] == {"column": "3"}


def test_undoing_is_for_managers(client: FlaskClient, cast: SimpleNamespace) -> None:
    at = imported(login(client, cast.bob))
    assert "Undo this import" not in client.get(at).text
    assert client.get(f"{at}/undo").status_code == 403
    assert client.post(f"{at}/undo", data={"sure": "yes"}).status_code == 403


def test_opt_outs_are_undone_by_the_owner_alone_who_says_why(client: FlaskClient, cast: SimpleNamespace) -> None:
    make_customer(phone="+919820012345")
    at = uploaded(login(client, cast.mona), b"Phone\n9820012345\n", "opt_outs")
    client.post(f"{at}/columns", data={"column-0": "phone"})
    client.post(f"{at}/rules", data={"region": "IN"})
    jobs.check(the_import().id)
    client.post(f"{at}/start")
    jobs.run(the_import().id)
    assert "Undo this import" not in client.get(at).text
    assert client.get(f"{at}/undo").status_code == 403
    assert client.post(f"{at}/undo", data={"sure": "yes", "reason": "x"}).status_code == 403
    client.post("/logout")
    login(client, cast.alice)
    assert "Undo this import" in client.get(at).text
    assert "This makes these people reachable for marketing again" in client.get(f"{at}/undo").text
    answer = client.post(f"{at}/undo", data={"sure": "yes", "reason": " "})
    assert (answer.status_code, "Say why these people may be written to again." in answer.text) == (422, True)
    assert client.post(f"{at}/undo", data={"sure": "yes", "reason": "wrong file"}).status_code == 302
    jobs.undo(the_import().id)
    db.session.expire_all()
    assert db.session.scalars(select(Customer.marketing_opt_in)).all() == [True]
    [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "import.undo"))
    assert entry.details["reason"] == "wrong file"


def test_whoever_only_looks_has_nothing_to_press(client: FlaskClient, cast: SimpleNamespace) -> None:
    at = uploaded(login(client, cast.mona))
    client.post("/logout")
    login(client, cast.vera)
    assert "Import a file" not in client.get("/imports").text
    assert "Check the file" not in client.get(at).text
    for step in ("reading", "columns", "rules", "check"):
        assert client.get(f"{at}/{step}").status_code == 403
    for deed in ("check", "start", "cancel", "discard"):
        assert client.post(f"{at}/{deed}").status_code == 403


def test_sales_come_with_their_own_rules(mona: FlaskClient) -> None:
    make_customer(phone="+919820012345")
    at = uploaded(mona, mona.get("/imports/samples/sales.csv").data, "sales")
    columns = ("external_id", "phone", "amount", "currency", "category", "product", "sold_at", "starts_on")
    mona.post(f"{at}/columns", data={f"column-{index}": field for index, field in enumerate(columns)})
    page = mona.get(f"{at}/rules").text
    assert "Dates are written" in page
    assert "Tags for all of them" not in page
    mona.post(f"{at}/rules", data={"region": "IN", "existing": "update", "dates": "dmy"})
    jobs.check(the_import().id)
    mona.post(f"{at}/start")
    jobs.run(the_import().id)
    assert "Seven nights in Ubud" in mona.get(f"{at}/rows/new").text
    assert db.session.scalars(select(Sale.category)).all() == ["Bali", "Goa"]


def test_every_step_is_in_the_audit_log(mona: FlaskClient) -> None:
    imported(mona)
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [action for action in actions if action.startswith("import.")] == [
        "import.upload", "import.mapping", "import.check", "import.start",
    ]  # fmt: skip


def test_a_campaigns_file_is_only_looked_at(mona: FlaskClient) -> None:
    import_ = Import(file_key="", file_name="c.csv", bytes_total=1, reading={"columns": []}, kind=ImportKind.RECIPIENTS)
    db.session.add(import_)
    db.session.commit()
    page = mona.get(f"/imports/{import_.public_id}")
    assert page.status_code == 200
    assert "Check the file" not in page.text


def figures(page: str) -> dict[str, int]:
    """The numbers of a page under their names."""
    found = re.findall(r"<dt>([^<]+)</dt>\s*<dd>(?:<a[^>]*>)?([\d,]+)", page)
    return {name: int(number.replace(",", "")) for name, number in found}


def selected(page: str) -> list[str]:
    """What each column's select shows."""
    selects = re.findall(r'<select[^>]* id="column-\d+".*?</select>', page, re.DOTALL)
    return [(re.findall(r'value="([^"]*)" selected', it) or [""])[0] for it in selects]

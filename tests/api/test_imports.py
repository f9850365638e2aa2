"""Imports by the API: a file is brought, explained, tried, taken in and back; what is wrong is said at its field."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.auth.models import AuditEntry
from app.customers.imports.models import Import, ImportKind
from app.customers.jobs import imports as jobs
from app.customers.models import Customer, Sale
from app.extensions import db
from tests import factories
from tests.api.conftest import Caller, token_of

NOBODY = "00000000-0000-7000-8000-000000000000"
GUESTS = b"Name;Phone;City;Dog\nAsha;9820012345;Pune;Rex\nRavi;12;Goa;\nGita;+919820012399;;Bello\nAsha;9820012345;;\n"
MAPPING = {"Name": "name", "1": "phone", "City": "city", "Dog": "attribute:Dog"}
RULES = {"region": "IN", "existing": "update", "tags": ["fair"], "consent": {"wording": "Send me offers"}}


def upload(api: Caller, content: bytes = GUESTS, kind: str = "customers", **said: str) -> TestResponse:
    return api.upload("/imports", content, kind=kind, **said)


@pytest.fixture
def at(api: Caller) -> str:
    """The address of a file that was brought and explained."""
    answer = upload(api)
    assert answer.status_code == 201, answer.text
    path = f"/imports/{answer.json['id']}"
    answer = api.call("PUT", path, json={"mapping": MAPPING, "rules": RULES})
    assert answer.status_code == 200, answer.text
    return path


def worked(job: Any, at: str) -> None:
    job(db.session.scalar(select(Import.id).where(Import.public_id == UUID(at.removeprefix("/imports/")))))
    db.session.expire_all()


def imported(api: Caller, at: str) -> dict[str, Any]:
    assert api.post(f"{at}/start").status_code == 202
    worked(jobs.run, at)
    told: dict[str, Any] = api.get(at).json
    assert told["status"] == "imported", told
    return told


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Customer)) or 0


def test_it_tells_how_a_file_reads_and_suggests_what_it_means(api: Caller) -> None:
    told = upload(api).json
    assert (told["kind"], told["status"], told["delimiter"], told["has_header"]) == ("customers", "uploaded", ";", True)
    assert (told["columns"], told["mapping"], told["progress"]) == (["Name", "Phone", "City", "Dog"], {}, 0)
    seen = api.get(f"/imports/{told['id']}/preview").json
    assert seen["rows"][1] == {"row": 3, "cells": ["Ravi", "12", "Goa", ""], "problem": None}
    assert seen["suggested_mapping"].items() >= {"0": "name", "1": "phone", "2": "city"}.items()


def test_a_preview_is_of_twenty_rows(api: Caller) -> None:
    told = upload(api, b"Phone\n" + b"9820012345\n" * 30).json
    assert len(api.get(f"/imports/{told['id']}/preview").json["rows"]) == 20


def test_a_file_is_read_as_told(api: Caller) -> None:
    told = upload(api, "Näme,Phone\nAsha,1\n".encode("cp1252"), encoding="cp1252", has_header="false").json
    assert (told["encoding"], told["columns"]) == ("cp1252", ["Column 1", "Column 2"])
    changed = api.call("PUT", f"/imports/{told['id']}", json={"has_header": True}).json
    assert changed["columns"] == ["Näme", "Phone"]


def test_columns_are_named_by_index_or_name(api: Caller, at: str) -> None:
    told = api.get(at).json
    assert told["mapping"] == {"0": "name", "1": "phone", "2": "city", "3": "attribute:Dog"}
    assert told["rules"] == RULES
    again = api.call("PUT", at, json={"mapping": told["mapping"], "rules": told["rules"]})
    assert again.json == told | {"mapping": told["mapping"]}


def test_a_check_finds_what_the_import_then_brings(api: Caller, at: str) -> None:
    factories.make_customer(phone="+919820012399", name="Gita")
    db.session.commit()
    assert api.post(f"{at}/check").json["status"] == "checking"
    worked(jobs.check, at)
    found = api.get(at).json["findings"]
    assert count() == 1
    told = imported(api, at)
    assert (found["new"], found["updated"], found["invalid"], found["duplicates"]) == (1, 1, 1, 1)
    assert [told[it] for it in ("inserted", "updated", "invalid", "duplicates")] == [1, 1, 1, 1]
    assert (told["total"], told["progress"], [it["row"] for it in found["faults"]]) == (4, 1, [3, 5])


def test_it_brings_customers_with_their_consent(api: Caller, at: str) -> None:
    imported(api, at)
    asha = db.session.scalars(select(Customer).where(Customer.phone == "+919820012345")).one()
    assert (asha.name, asha.city, asha.attributes, asha.tags) == ("Asha", "Pune", {"Dog": "Rex"}, ["fair"])
    assert asha.marketing_opt_in


def test_rows_that_were_not_used_are_listed(api: Caller, at: str) -> None:
    imported(api, at)
    page = api.get(f"{at}/errors?limit=1").json
    assert (page["total"], page["items"][0]["row"], page["items"][0]["original"]) == (2, 3, "Ravi;12;Goa;")
    [doubled] = api.get(f"{at}/errors?is_duplicate=true").json["items"]
    assert (doubled["row"], doubled["is_duplicate"]) == (5, True)
    sheet = api.get(f"{at}/errors.csv")
    assert (sheet.status_code, sheet.mimetype, "Ravi,12,Goa" in sheet.text) == (200, "text/csv", True)


def test_an_import_is_undone(api: Caller, at: str) -> None:
    imported(api, at)
    assert api.post(f"{at}/undo", {}).json["status"] == "undoing"
    worked(jobs.undo, at)
    told = api.get(at).json
    assert (told["status"], told["undone"], count()) == ("undone", {"taken_back": 2, "left": 0}, 0)


def test_it_brings_sales(api: Caller) -> None:
    factories.make_customer(phone="+919820012345")
    db.session.commit()
    sales = b'Phone,Amount,Currency,Where,When\n9820012345,"48,500.00",INR,Bali,2026-10-02\n'
    at = f"/imports/{upload(api, sales, 'sales').json['id']}"
    mapping = {"Phone": "phone", "Amount": "amount", "Currency": "currency", "Where": "category", "When": "sold_at"}
    assert api.call("PUT", at, json={"mapping": mapping}).status_code == 200
    imported(api, at)
    sale = db.session.scalars(select(Sale)).one()
    assert (sale.amount, sale.category, sale.source) == (48500, "Bali", "csv")


def test_the_same_file_again_is_told(api: Caller, at: str) -> None:
    first = imported(api, at)["id"]
    assert upload(api).json["same_file"] == [first]
    assert upload(api, GUESTS + b"\n").json["same_file"] == []


def test_one_that_runs_is_cancelled_and_not_started_twice(api: Caller, at: str) -> None:
    api.post(f"{at}/start")
    again = [api.post(f"{at}/{deed}", {}).status_code for deed in ("start", "check", "undo")]
    assert (again, api.call("PUT", at, json={"rules": {}}).status_code) == ([409, 409, 409], 409)
    assert api.post(f"{at}/cancel").json["status"] == "cancelled"
    worked(jobs.run, at)
    assert (api.get(at).json["status"], count()) == ("cancelled", 0)


def test_a_file_never_begun_is_thrown_away(api: Caller, at: str) -> None:
    assert [api.call("DELETE", at).status_code for _ in range(2)] == [204, 404]
    other = f"/imports/{upload(api, GUESTS).json['id']}"
    api.call("PUT", other, json={"mapping": {"Phone": "phone"}})
    api.post(f"{other}/start")
    assert api.call("DELETE", other).status_code == 409


def test_the_list_is_by_kind_and_status(api: Caller, at: str) -> None:
    upload(api, b"Phone\n1\n", "opt_outs")
    imported(api, at)
    assert [it["kind"] for it in api.get("/imports").json["items"]] == ["opt_outs", "customers"]
    assert [it["kind"] for it in api.get("/imports?status=imported").json["items"]] == ["customers"]
    assert api.get("/imports?kind=sales").json["total"] == 0
    assert api.get("/imports?kind=dogs").status_code == 422


@pytest.mark.parametrize("kind", ["customers", "sales", "opt_outs"])
def test_it_tells_what_columns_may_become(api: Caller, kind: str) -> None:
    names = {it["name"] for it in api.get(f"/imports/fields?kind={kind}").json["items"]}
    assert {"phone", "user_id"} <= names
    assert ("amount" in names, "tags" in names) == (kind == "sales", kind == "customers")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"mapping": {}}, "mapping"),
        ({"mapping": {"Name": "name"}}, "mapping"),
        ({"mapping": {"Phone": "phone", "Cat": "name"}}, "mapping.Cat"),
        ({"mapping": {"Phone": "phone", "9": "name"}}, "mapping.9"),
        ({"mapping": {"Phone": "phone", "-1": "name"}}, "mapping.-1"),
        ({"mapping": {"1": "phone", "Phone": "name"}}, "mapping.Phone"),
        ({"mapping": {"Phone": "phone", "Name": "phone"}}, "mapping"),
        ({"mapping": {"Phone": "phone", "Name": "password"}}, "mapping"),
        ({"mapping": {"Phone": "phone", "Name": "attribute:"}}, "mapping"),
        ({"mapping": {"Phone": "phone", "Name": "id; DROP TABLE customers"}}, "mapping"),
        ({"mapping": {"Phone": "\x00"}}, "mapping.Phone"),
        ({"mapping": ["phone"]}, "mapping"),
        ({"rules": {"region": "XX"}}, "rules.region"),
        ({"rules": {"region": "india"}}, "rules.region"),
        ({"rules": {"existing": "delete"}}, "rules.existing"),
        ({"rules": {"tags": "fair"}}, "rules.tags"),
        ({"rules": {"tags": ["x" * 201]}}, "rules.tags.0"),
        ({"rules": {"dates": "dym"}}, "rules.dates"),
        ({"rules": {"dates": "dmy"}}, "rules.dates"),
        ({"rules": {"consent": {}}}, "rules.consent"),
        ({"rules": {"consent": {"column": "1", "wording": "Yes"}}}, "rules.consent"),
        ({"rules": {"consent": {"wording": " "}}}, "rules.consent"),
        ({"rules": {"consent": {"column": "Cat"}}}, "rules.consent.column"),
        ({"rules": {"colour": "red"}}, "rules.colour"),
        ({"encoding": "klingon"}, "encoding"),
        ({"delimiter": ";;"}, "delimiter"),
        ({"has_header": "maybe"}, "has_header"),
        ({"status": "imported"}, "status"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_its_field(api: Caller, at: str, said: dict[str, Any], field: str) -> None:
    before = api.get(at).json
    answer = api.call("PUT", at, json=said)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field]), answer.text
    assert api.get(at).json == before


@pytest.mark.parametrize(
    ("content", "said", "field"),
    [
        (b"", {}, "file"),
        (b"PK\x03\x04" + bytes(range(256)) * 40, {}, "file"),
        (GUESTS, {"kind": "dogs"}, "kind"),
        (GUESTS, {"kind": "recipients"}, "kind"),
        (GUESTS, {"kind": ""}, "kind"),
        (GUESTS, {"encoding": "klingon"}, "encoding"),
        (GUESTS, {"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_read_is_refused_and_not_kept(
    api: Caller, content: bytes, said: dict[str, str], field: str
) -> None:
    answer = upload(api, content, **said)
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, [field]), answer.text
    assert api.get("/imports").json["total"] == 0


def test_a_file_must_be_a_file(api: Caller) -> None:
    answer = api.call("POST", "/imports", data={"file": "Phone\n1", "kind": "customers"})
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["file"])
    assert api.post("/imports", {"kind": "customers"}).status_code == 415


def test_without_columns_nothing_starts(api: Caller) -> None:
    at = f"/imports/{upload(api).json['id']}"
    for deed in ("check", "start"):
        answer = api.post(f"{at}/{deed}")
        assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["mapping"])


def test_a_campaigns_file_is_left_to_its_campaign(api: Caller, at: str) -> None:
    db.session.scalars(select(Import)).one().kind = ImportKind.RECIPIENTS
    db.session.commit()
    assert (api.get(at).status_code, api.get(at).json["kind"]) == (200, "recipients")
    assert {api.post(f"{at}/{deed}", {}).status_code for deed in ("check", "start", "cancel", "undo")} == {409}
    answers = [api.call("PUT", at, json={"has_header": False}), api.call("DELETE", at), api.get(f"{at}/preview")]
    assert {answer.status_code for answer in answers} == {409}


def test_a_file_without_rows_to_read_is_said(api: Caller, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/imports/{upload(api, b'Phone' + bytes([10]) * 10 + b'9820012345').json['id']}/preview"
    monkeypatch.setattr("app.shared.csv_records.MOST_BLANK", 3)
    assert (api.get(path).status_code, "blank rows" in api.get(path).json["error"]["message"]) == (409, True)


def test_a_file_that_is_gone_is_said(api: Caller, at: str) -> None:
    db.session.scalars(select(Import)).one().file_key = ""
    db.session.commit()
    assert [api.get(f"{at}/preview").status_code, api.get(at).status_code] == [409, 200]
    assert api.call("PUT", at, json={"has_header": False}).status_code == 409


@pytest.mark.parametrize("id_", [NOBODY, "1", "%00"])
def test_a_wrong_id_is_nothing(api: Caller, id_: str) -> None:
    looks = [api.get(f"/imports/{id_}{what}").status_code for what in ("", "/preview", "/errors", "/errors.csv")]
    deeds = [api.post(f"/imports/{id_}/{what}", {}).status_code for what in ("check", "start", "cancel", "undo")]
    assert {*looks, *deeds, api.call("DELETE", f"/imports/{id_}").status_code} == {404}


def test_an_agent_may_import_but_not_undo_and_a_viewer_may_look(
    app: Flask, cast: SimpleNamespace, at: str, stranger: Caller
) -> None:
    bob, vera = Caller(app, token_of(cast.bob)), Caller(app, token_of(cast.vera))
    looks = ["/imports", at, f"{at}/preview", f"{at}/errors", f"{at}/errors.csv", "/imports/fields?kind=sales"]
    assert {vera.get(path).status_code for path in looks} == {200}
    assert {stranger.get(path).status_code for path in looks} == {401}
    deeds = [vera.post(f"{at}/{deed}").status_code for deed in ("check", "start", "cancel", "undo")]
    others = [upload(vera), vera.call("PUT", at, json={}), vera.call("DELETE", at), bob.post(f"{at}/undo", {})]
    assert {*deeds, *(answer.status_code for answer in others)} == {403}
    assert bob.post(f"{at}/check").status_code == 202


def test_the_audit_log_has_it(api: Caller, at: str) -> None:
    imported(api, at)
    api.post(f"{at}/undo", {})
    actions = [entry.action for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert actions[-4:] == ["import.upload", "import.change", "import.start", "import.undo"]


def test_opt_outs_are_undone_by_the_owner_alone_who_says_why(app: Flask, cast: SimpleNamespace, api: Caller) -> None:
    at = f"/imports/{upload(api, b'Phone' + chr(10).encode() + b'9820012345', 'opt_outs').json['id']}"
    assert api.call("PUT", at, json={"mapping": {"Phone": "phone"}}).status_code == 200
    imported(api, at)
    alice = Caller(app, token_of(cast.alice))
    assert api.post(f"{at}/undo", {"reason": "wrong file"}).status_code == 403
    assert alice.post(f"{at}/undo", {}).json["error"]["fields"].keys() == {"reason"}
    assert alice.post(f"{at}/undo", {"reason": " wrong file "}).status_code == 202
    worked(jobs.undo, at)
    assert api.get(at).json["undone"] == {"taken_back": 1, "left": 0}
    [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "import.undo"))
    assert entry.details["reason"] == "wrong file"

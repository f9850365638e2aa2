"""Recipients by file and by list, and what is told of them."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

import pytest

from app.campaigns.jobs.populate import populate
from app.campaigns.models import Campaign, CampaignStatus, Recipient
from app.customers.imports.models import Import
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.shared import clock, queues
from tests import factories
from tests.api.conftest import Caller
from tests.api.test_campaigns import OFFER, made

PEOPLE = b'Name;Phone;City\n"Rao; Asha";9812345678;Goa\nBina;+91 98123 45679;Pune\nBina;9812345679;Pune\nX;12;Goa\n'


def imported(api: Caller, **fields: Any) -> str:
    return str(made(api, **OFFER, target_type="imported", **fields)["id"])


def worked() -> Campaign:
    """What the worker does when it is rung for."""
    campaign = db.session.query(Campaign).one()
    populate(campaign.id)
    db.session.expire_all()
    return campaign


def test_a_file_becomes_recipients(api: Caller, template: MessageTemplate) -> None:
    campaign_id = imported(api)
    answer = api.upload(f"/campaigns/{campaign_id}/populate", PEOPLE)
    assert (answer.status_code, answer.json["status"]) == (202, "populating"), answer.text
    assert queues.queue(queues.IMPORTS).count == 1
    worked()
    told = api.get(f"/imports/{answer.json['import_id']}").json
    counts = {name: told[name] for name in ("total", "inserted", "invalid", "duplicates", "suppressed")}
    assert counts == {"total": 4, "inserted": 2, "invalid": 1, "duplicates": 1, "suppressed": 0}
    assert (told["status"], told["progress"], told["error"]) == ("imported", 1.0, None)
    assert api.get(f"/campaigns/{campaign_id}").json["total_recipients"] == 2


def test_columns_fill_the_variables_nobody_spoke_of(api: Caller, template: MessageTemplate) -> None:
    campaign_id = imported(api, template_variables={"2": "Konkan"})
    api.upload(f"/campaigns/{campaign_id}/populate", PEOPLE)
    rules = api.get(f"/campaigns/{campaign_id}").json["template_variables"]
    assert rules["body.1"] == {"source": "column", "value": "Name", "fallback": ""}
    assert rules["body.2"]["value"] == "Konkan"


def test_the_rows_that_were_not_used_can_be_downloaded(api: Caller, template: MessageTemplate) -> None:
    import_id = api.upload(f"/campaigns/{imported(api)}/populate", PEOPLE).json["import_id"]
    worked()
    answer = api.get(f"/imports/{import_id}/errors.csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(StringIO(answer.text)))
    assert rows[0] == ["Row", "Reason", "Name", "Phone", "City"]
    assert [row[0] for row in rows[1:]] == ["4", "5"]


def test_a_file_is_read_as_its_sender_says(api: Caller, template: MessageTemplate) -> None:
    content = "9812345678|9899999999|Zoë\n".encode("cp1252")
    fields = {"delimiter": "|", "encoding": "cp1252", "has_header": "false", "phone_column": "1"}
    answer = api.upload(f"/campaigns/{imported(api)}/populate", content, **fields)
    assert answer.status_code == 202, answer.text
    worked()
    recipient = db.session.query(Recipient).one()
    assert (recipient.phone, recipient.variables["Column 3"]) == ("+919899999999", "Zoë")


@pytest.mark.parametrize(
    ("content", "fields", "field"),
    [
        (b"", {}, "file"),
        (b"PK\x03\x04 a spreadsheet", {}, "file"),
        (b"Name,City\nAsha,Goa\n", {}, "phone_column"),
        (PEOPLE, {"phone_column": "Shoe"}, "phone_column"),
        (PEOPLE, {"phone_column": "99"}, "phone_column"),
        (PEOPLE, {"encoding": "klingon"}, "encoding"),
        (PEOPLE, {"delimiter": "ab"}, "delimiter"),
        (PEOPLE, {"has_header": "maybe"}, "has_header"),
        (PEOPLE, {"colour": "red"}, "colour"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_the_field(
    api: Caller, template: MessageTemplate, content: bytes, fields: dict[str, str], field: str
) -> None:
    campaign_id = imported(api)
    answer = api.upload(f"/campaigns/{campaign_id}/populate", content, **fields)
    assert answer.status_code == 422, answer.text
    assert field in answer.json["error"]["fields"]
    assert api.get(f"/campaigns/{campaign_id}").json["status"] == "draft"
    assert db.session.query(Import).count() == 0


def test_a_form_without_a_file_is_refused(api: Caller, template: MessageTemplate) -> None:
    path = f"/campaigns/{imported(api)}/populate"
    assert api.post(path, {"file": "x"}).status_code == 415
    assert api.call("POST", path, data={"has_header": "true"}).status_code in (415, 422)
    text = api.call("POST", path, data={"file": "9812345678"}, content_type="multipart/form-data")
    assert (text.status_code, list(text.json["error"]["fields"])) == (422, ["file"])


def test_a_file_is_for_imported_drafts_only(api: Caller, template: MessageTemplate) -> None:
    to_all = made(api, target_type="all")
    answer = api.upload(f"/campaigns/{to_all['id']}/populate", PEOPLE)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "refused")
    twice = imported(api)
    api.upload(f"/campaigns/{twice}/populate", PEOPLE)
    assert api.upload(f"/campaigns/{twice}/populate", PEOPLE).status_code == 409


def test_people_can_be_added_as_a_list(api: Caller, template: MessageTemplate) -> None:
    factories.make_customer(phone="+919812345670", marketing_opt_in=False, marketing_opt_out_at=clock.now())
    db.session.commit()
    people = [
        {"phone": "+919812345678", "name": "Asha", "variables": {"City": "Goa"}},
        {"phone": "098123 45678"},
        {"phone": "12"},
        {"phone": "9812345670"},
    ]
    path = f"/campaigns/{imported(api)}/recipients"
    answer = api.post(path, people).json
    counts = {name: answer[name] for name in ("added", "suppressed", "duplicates", "invalid", "status")}
    assert counts == {"added": 2, "suppressed": 1, "duplicates": 1, "invalid": 1, "status": "ready"}
    assert [(error["row"], error["phone"]) for error in answer["errors"]] == [(1, "+919812345678"), (2, "12")]
    again = api.post(path, people[:1]).json
    assert (again["added"], again["errors"][0]["reason"]) == (0, "already in this campaign")


@pytest.mark.parametrize(
    "people", [[], {}, {"phone": "1"}, [{"name": "x"}], [{"phone": "1", "x": 1}], [{"phone": "9812345678"}] * 1001]
)
def test_a_list_of_another_shape_is_refused(api: Caller, template: MessageTemplate, people: Any) -> None:
    assert api.post(f"/campaigns/{imported(api)}/recipients", people).status_code == 422


def test_a_list_does_not_mix_with_chosen_customers(api: Caller, template: MessageTemplate) -> None:
    to_all = made(api, target_type="all")
    assert api.post(f"/campaigns/{to_all['id']}/recipients", [{"phone": "9812345678"}]).status_code == 409


def test_recipients_are_listed_by_where_they_stand(api: Caller, template: MessageTemplate) -> None:
    campaign = factories.make_campaign(template, status=CampaignStatus.PAUSED)
    factories.make_recipients(campaign, 2)
    factories.make_recipients(campaign, 1, 919800000009, state="skipped", skip_reason="opted_out")
    db.session.commit()
    path = f"/campaigns/{campaign.public_id}/recipients"
    assert api.get(path).json["total"] == 3
    assert [item["phone"] for item in api.get(f"{path}?status=pending&limit=1&page=2").json["items"]] == [
        "+919800000002"
    ]
    skipped = api.get(f"{path}?status=skipped").json["items"]
    assert [(item["status"], item["reason"]) for item in skipped] == [("skipped", "Opted out of marketing messages.")]
    assert api.get(f"{path}?status=odd").status_code == 422

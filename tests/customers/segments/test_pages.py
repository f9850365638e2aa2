"""The pages of segments: the builder as a form that loses nothing, the list, who is in one, and its deeds."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.auth.models import AuditEntry
from app.campaigns.models import CampaignStatus, TargetType
from app.customers.segments import people
from app.customers.segments import tree as segment_tree
from app.customers.segments.models import Segment
from app.customers.segments.ready import READY
from app.customers.segments.sheet import Sheet
from app.customers.service import segments
from app.customers.service.segments import Draft
from app.extensions import db
from tests import factories
from tests.campaigns.wizards import Browser, browser_of

PUNE = {"logic": "AND", "conditions": [{"field": "city", "operator": "is", "value": "Pune"}]}
EVERY_KIND: dict[str, Any] = {
    "logic": "OR",
    "not": True,
    "conditions": [
        {"field": "city", "operator": "is_any_of", "value": ["Pune", "Goa, North"]},
        {"field": "attributes.Age", "operator": "between", "value": [20, 30.5]},
        {"field": "tags", "operator": "is_set"},
        {"field": "consent", "operator": "is", "value": "in"},
        {"field": "sales.total", "operator": "more_than", "value": 50000, "since": "6 months"},
        {
            "logic": "AND",
            "conditions": [
                {"field": "saleDetails.destination", "operator": "contains", "value": "Bali", "since": "2026-01-31"},
                {"field": "sales.last_at", "operator": "in_last", "value": "1 month"},
                {"field": "sales.next_starts_on", "operator": "between", "value": ["2026-01-01", "2026-02-01"]},
                {"logic": "OR", "conditions": [{"field": "campaigns.read", "operator": "did", "value": "any"}]},
            ],
        },
    ],
}
FORM = {"name": "Punekars", "q.logic": "AND", "q-0.field": "city", "q-0.operator": "is", "q-0.value": "Pune"}


@pytest.fixture
def mona(app: Flask, cast: SimpleNamespace) -> Browser:
    return browser_of(app, cast.mona)


def kept(query: Any = PUNE, name: str = "Punekars") -> Segment:
    segment = segments.create(Draft(name, query), None)
    db.session.commit()
    return segment


def path(segment: Segment, rest: str = "") -> str:
    return f"/segments/{segment.public_id}{rest}"


class Form(HTMLParser):
    """What a browser would send of the builder's fields on a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: MultiDict[str, str] = MultiDict()
        self.select: str | None = None
        self.area: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        name, value = told.get("name") or "", told.get("value") or ""
        if tag == "option" and self.select and ("selected" in told or self.select not in self.sent):
            self.sent[self.select] = value
        elif not name.startswith("q"):
            return
        elif tag == "select":
            self.select = name
        elif tag == "textarea":
            self.area = name
        elif tag == "input" and (told.get("type") != "checkbox" or "checked" in told):
            self.sent.add(name, value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area:
            self.sent[self.area] = data


def form_of(page: str) -> MultiDict[str, str]:
    return Form(page).sent


def test_every_kind_of_condition_survives_the_form(mona: Browser) -> None:
    segment = kept(EVERY_KIND)
    shown = mona.get(path(segment, "/edit"))
    assert shown.status_code == 200
    again = Sheet(segment_tree.of_form(form_of(shown.text)), "x")
    assert again.faults() == []
    assert again.group().as_json() == segment.query


def test_the_ready_ones_can_be_looked_at_before_they_are_kept(mona: Browser) -> None:
    for number, ready in enumerate(READY):
        shown = mona.get(f"/segments/new?ready={number}").text
        assert Sheet(segment_tree.of_form(form_of(shown))).faults() == []
        assert ready.name in shown
    assert mona.get("/segments/new?ready=99").status_code == 404


def test_it_keeps_what_the_form_says(mona: Browser) -> None:
    answer = mona.post("/segments/new", do="save", **FORM)
    segment = db.session.scalars(select(Segment)).one()
    assert answer.headers["Location"] == path(segment)
    assert (segment.name, segment.query) == ("Punekars", PUNE)
    assert db.session.scalars(select(AuditEntry.action)).all().count("segment.create") == 1


def test_it_changes_what_is_kept(mona: Browser) -> None:
    segment = kept()
    mona.post(path(segment, "/edit"), do="save", **FORM | {"q-0.value": "Goa", "q.logic": "NOT OR"})
    db.session.expire_all()
    assert segment.query["conditions"][0]["value"] == "Goa"
    assert (segment.query["logic"], segment.query["not"]) == ("OR", True)


@pytest.mark.parametrize(
    ("change", "control", "sentence"),
    [
        ({"name": ""}, "name", "Give the segment a name."),
        ({"q-0.value": ""}, "q-0.value", "Write what to look for."),
        ({"q-0.field": ""}, "q-0.field", "Choose what to look at."),
        ({"q-0.field": "no.such"}, "q-0.field", "Choose what to look at."),
        ({"q-0.field": "attributes."}, "q-0.part", "Write the attribute"),
        ({"q-0.field": "sales.total", "q-0.value": "much"}, "q-0.value", "Give a number."),
        ({"q-0.field": "sales.total", "q-0.operator": "between", "q-0.value": "1"}, "q-0.to", "Give a number."),
        ({"q-0.field": "created_at", "q-0.value": "x"}, "q-0.value", "Say how long"),
        ({"q-0.field": "sales.count", "q-0.value": "1", "q-0.since": "day"}, "q-0.since_day", "Say since when"),
        ({"q-0.field": "campaigns.read"}, "q-0.campaign", "Give a list"),
        ({"q-0.field": "campaigns.read", "q-0.campaign": "1" * 32}, "q-0.campaign", "does not exist"),
    ],
)
def test_it_says_what_is_wrong_where_it_is_and_loses_nothing(
    mona: Browser, change: dict[str, str], control: str, sentence: str
) -> None:
    answer = mona.post("/segments/new", do="save", description="Our best", **FORM | change)
    assert answer.status_code == 422
    assert f'href="#{control}"' in answer.text
    assert sentence in answer.text
    assert "Our best" in answer.text
    assert (FORM | change)["q-0.value"] in answer.text
    assert db.session.scalar(select(Segment)) is None


def test_a_name_that_is_taken_is_refused_at_the_name(mona: Browser) -> None:
    kept()
    answer = mona.post("/segments/new", do="save", **FORM)
    assert answer.status_code == 422
    assert 'aria-describedby="name-error"' in answer.text


def test_without_scripts_a_button_brings_the_form_back_one_deed_further(mona: Browser) -> None:
    shown = mona.post("/segments/new", do="add:q", description="Keep me", **FORM).text
    assert 'name="q-1.field"' in shown
    assert 'value="Pune"' in shown
    assert "Keep me" in shown
    shown = mona.post("/segments/new", do="group:q", **FORM).text
    assert 'name="q-1-0.field"' in shown
    shown = mona.post("/segments/new", do="remove:q-0", **FORM | {"q-1.field": "name", "q-1.value": "Asha"}).text
    assert 'value="Asha"' in shown
    assert 'name="q-1.field"' not in shown


def test_a_button_with_scripts_brings_the_conditions_alone(mona: Browser) -> None:
    answer = mona.post("/segments/build", do="add:q", **FORM)
    assert answer.headers["HX-Trigger-After-Swap"] == "segment-shaped"
    assert "<html" not in answer.text
    assert re.search(r'id="q-1.field"[^>]*data-focus', answer.text)


def test_groups_stand_five_deep_and_no_deeper(mona: Browser) -> None:
    sheet = Sheet()
    for depth in range(6):
        sheet = sheet.after("group:" + "-".join(["q", *["1"] * depth]))
    assert max(part.at.count("-") for part in segment_tree.parts_of(sheet.tree) if part.is_group) == 4


def test_there_are_at_most_fifty_conditions(app: Flask) -> None:
    sheet = Sheet()
    for _ in range(60):
        sheet = sheet.after("add:q")
    assert len(segment_tree.lines_of(sheet.tree)) == 50


def test_the_last_condition_of_a_group_takes_the_group_along(app: Flask) -> None:
    sheet = Sheet().after("group:q").after("remove:q-1-0")
    assert [part.at for part in segment_tree.parts_of(sheet.tree)] == ["q", "q-0"]
    assert [part.at for part in segment_tree.parts_of(sheet.after("remove:q-0").tree)] == ["q", "q-0"]


def test_what_was_typed_for_another_kind_of_question_goes(app: Flask) -> None:
    said = {"q-0.field": "sales.total", "q-0.value": "Pune", "q-0.was": "text"}
    assert segment_tree.lines_of(segment_tree.of_form(MultiDict(said)))[0]["value"] == ""
    said = {"q-0.field": "name", "q-0.operator": "is_any_of", "q-0.value": "Pune", "q-0.was": "text"}
    assert segment_tree.lines_of(segment_tree.of_form(MultiDict(said)))[0]["value"] == "Pune"


def test_it_tells_and_counts_while_one_builds(mona: Browser) -> None:
    for _ in range(7):
        factories.make_customer()
    db.session.commit()
    shown = mona.post("/segments/look", **FORM).text
    assert "Customers whose city is “Pune”." in shown
    assert "<strong data-count>7</strong>" in shown
    assert shown.count('href="/customers/') == 5
    assert "and 2 more" in shown


def test_nobody_is_a_warning(mona: Browser) -> None:
    shown = mona.post("/segments/look", **FORM).text
    assert "alert-warning" in shown
    assert "nobody belongs to it now" in shown


def test_what_is_only_empty_is_no_fault_while_one_builds(mona: Browser) -> None:
    shown = mona.post("/segments/look", **FORM | {"q-0.value": ""}).text
    assert "Fill in what is still empty" in shown
    assert "data-name" not in shown
    shown = mona.post("/segments/look", **FORM | {"q-0.field": "sales.total", "q-0.value": "much"}).text
    assert '<li data-name="q-0.value">Give a number.</li>' in shown


def test_what_takes_too_long_says_so(mona: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "PATIENCE", timedelta(milliseconds=1))
    monkeypatch.setattr(people, "MEMORY", "64kB")
    slow = {f"q-{number}.field": "sales.total" for number in range(40)}
    slow |= {f"q-{number}.operator": "more_than" for number in range(40)} | {f"q-{n}.value": "1" for n in range(40)}
    assert mona.post("/segments/look", **{"q.logic": "OR"} | slow).status_code == 200


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"q.logic": "XOR"},
        {"q-999.field": "city"},
        {"q-0.logic": "AND"},
        {"q-0-0-0-0-0-0-0.logic": "AND", "q-0.field": "x"},
        {"q-0.field": "city", "q-0.value": "\x00" + "x" * 100_000},
        {"q-0.field": "consent", "q-0.value": "'; DROP TABLE customers"},
        {"q-0.field": "campaigns.read", "q-0.campaign": ["any", "' OR 1=1"]},
        {"q-0.field": "attributes." + "é" * 300, "q-0.value": "x"},
        {"do": "remove:q"},
        {"do": "add:nowhere"},
        {"do": ":::"},
    ],
)
def test_nothing_a_form_can_hold_breaks_it(mona: Browser, form: dict[str, Any]) -> None:
    for where in ("/segments/look", "/segments/build", "/segments/new"):
        assert mona.post(where, **form).status_code == 200
    assert mona.post("/segments/new", **form | {"do": "save"}).status_code == 422


def test_the_list_tells_what_counts_and_who_uses_it(mona: Browser) -> None:
    factories.make_customer()
    segment = kept()
    query = {"segment": str(segment.public_id), "name": segment.name}
    factories.make_campaign(target_type=TargetType.SEGMENT, segment_query=query, status=CampaignStatus.SCHEDULED)
    db.session.commit()
    shown = mona.get("/segments").text
    assert "Customers whose city is “Pune”" in shown
    assert "The campaign “Monsoon”" in shown
    assert 'hx-trigger="load"' in shown
    assert ">1</a>" in mona.get(path(segment, "/count")).text
    assert 'hx-trigger="load"' not in mona.get("/segments").text


def test_an_empty_list_offers_the_ready_ones(mona: Browser) -> None:
    assert "Begin with 4 ready ones" in mona.get("/segments").text
    mona.post("/segments/ready")
    assert db.session.scalars(select(Segment.name).order_by(Segment.id)).all() == [it.name for it in READY]
    mona.post("/segments/ready")
    assert len(db.session.scalars(select(Segment)).all()) == 4


def test_who_is_in_it_comes_in_pages_the_newest_first(mona: Browser) -> None:
    for number in range(60):
        factories.make_customer(name=f"Person {number:02}")
    segment = kept()
    first = mona.get(path(segment)).text
    assert "60 customers now" in first
    assert ("Person 59" in first, "Person 10" in first, "Person 09" in first) == (True, True, False)
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    second = mona.get(older[1]).text
    assert ("Person 09" in second, "Person 10" in second) == (True, False)
    assert 'rel="next"' not in second
    assert db.session.scalars(select(Segment.counted)).one() == 60


def test_nobody_in_it_is_said(mona: Browser) -> None:
    assert "Nobody belongs to it now." in mona.get(path(kept())).text


def test_its_people_go_out_as_csv(mona: Browser) -> None:
    factories.make_customer(name="=HYPERLINK()", phone="+919812345678", tags=["vip", "goa"])
    factories.make_customer(city="Goa")
    answer = mona.get(path(kept(), "/people.csv"))
    header, row, *rest = answer.text.splitlines()
    assert header.startswith("Phone,WhatsApp id,Name")
    assert row.startswith("+919812345678,,'=HYPERLINK(),")
    assert rest == []
    assert "filename=Punekars.csv" in answer.headers["Content-Disposition"]
    assert db.session.scalars(select(AuditEntry.action)).all().count("segment.export") == 1


def test_a_copy_is_opened_for_its_name(mona: Browser) -> None:
    answer = mona.post(path(kept(), "/copy"))
    assert answer.headers["Location"].endswith("/edit")
    assert db.session.scalars(select(Segment.name).order_by(Segment.id)).all() == ["Punekars", "Punekars (copy)"]


def test_it_is_deleted_unless_a_campaign_needs_it(mona: Browser) -> None:
    segment = kept()
    query = {"segment": str(segment.public_id), "name": segment.name}
    campaign = factories.make_campaign(
        target_type=TargetType.SEGMENT, segment_query=query, status=CampaignStatus.SCHEDULED
    )
    db.session.commit()
    mona.post(path(segment, "/delete"))
    assert "used by the campaign “Monsoon”" in mona.get(path(segment)).text
    campaign.status = CampaignStatus.CANCELLED
    db.session.commit()
    mona.post(path(segment, "/delete"))
    assert db.session.scalar(select(Segment)) is None


def test_one_that_asks_for_what_is_no_more_can_be_mended(mona: Browser) -> None:
    segment = kept()
    segment.query = {"logic": "AND", "conditions": [{"field": "shoe_size", "operator": "is", "value": 9}]}
    db.session.commit()
    assert "This segment must be mended" in mona.get("/segments").text
    assert "There is no such field." in mona.get(path(segment)).text
    assert mona.get(path(segment, "/edit")).status_code == 200
    assert "There is no such field." in mona.get(path(segment, "/count")).text
    mona.get(path(segment, "/people.csv"))


def test_an_agent_builds_and_a_viewer_only_looks(app: Flask, cast: SimpleNamespace) -> None:
    segment = kept()
    bob, vera = browser_of(app, cast.bob), browser_of(app, cast.vera)
    assert bob.get("/segments/new").status_code == 200
    assert vera.get(path(segment)).status_code == 200
    for where in ("/segments/new", path(segment, "/edit"), path(segment, "/people.csv")):
        assert vera.get(where).status_code == 403
    for where in ("/segments/look", "/segments/ready", path(segment, "/delete"), path(segment, "/copy")):
        assert vera.post(where).status_code == 403

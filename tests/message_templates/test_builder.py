"""The builder's page: it keeps what is typed, says what Meta would say, and works without scripts."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.auth.models import AuditEntry
from app.channels.models import Channel
from app.extensions import db
from app.message_templates.models import MessageTemplate
from tests import factories
from tests.message_templates.sheets import PNG, typed


@pytest.fixture
def channel(app: Flask) -> Channel:
    channel: Channel = factories.make_channel()
    db.session.commit()
    return channel


@pytest.fixture
def mona(client: FlaskClient, cast, channel: Channel) -> FlaskClient:
    return factories.login(client, cast.mona)


def the_template() -> MessageTemplate:
    db.session.expire_all()
    return db.session.scalars(select(MessageTemplate)).one()


@pytest.mark.parametrize("who", ["vera", "bob"])
def test_it_lets_only_managers_write(client: FlaskClient, cast, channel: Channel, who: str) -> None:
    factories.login(client, getattr(cast, who))
    assert client.get("/templates/new").status_code == 403
    assert client.post("/templates/check", data=typed()).status_code == 403
    assert "New template" not in client.get("/templates").text


def test_it_says_so_where_there_is_no_channel(client: FlaskClient, cast) -> None:
    assert factories.login(client, cast.mona).get("/templates/new").status_code == 409


def test_it_begins_in_the_language_most_used_here(mona: FlaskClient, channel: Channel) -> None:
    factories.make_template(channel, language="hi")
    assert '<option value="hi" selected>Hindi</option>' in mona.get("/templates/new").text


def test_it_keeps_an_unfinished_draft(mona: FlaskClient) -> None:
    answer = mona.post("/templates/new", data=typed(body__text="Hi {{first_name}}", do="draft"), follow_redirects=True)
    assert "is kept as a draft" in answer.text
    assert "Hi {{first_name}}</textarea>" in answer.text
    assert (the_template().status, the_template().created_by is not None) == ("DRAFT", True)
    assert db.session.scalar(select(AuditEntry.action).where(AuditEntry.action == "template.draft"))


def test_it_rewrites_its_draft(mona: FlaskClient) -> None:
    mona.post("/templates/new", data=typed(do="draft"))
    page = f"/templates/{the_template().public_id}/edit"
    mona.post(page, data=typed(name="diwali_boxes", do="draft"))
    assert the_template().name == "diwali_boxes"


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"name": ""}, "APPROVED", "Give it a name first"),
        ({"language": ""}, "APPROVED", "Choose a language"),
        ({}, "APPROVED", "already a template of this name in this language"),
        ({}, "DELETED", "A deleted template had this name"),
    ],
)
def test_it_says_why_a_draft_cannot_be_kept(
    mona: FlaskClient, channel: Channel, changes: dict, status: str, words: str
) -> None:
    factories.make_template(channel, name="diwali_offer", status=status)
    answer = mona.post("/templates/new", data=typed(**changes, do="draft"))
    assert answer.status_code == 422
    assert words in answer.text
    assert "our *Diwali boxes* are here." in answer.text


def test_it_marks_what_is_wrong_at_its_field(mona: FlaskClient) -> None:
    answer = mona.post("/templates/new", data=typed(body__text="{{first_name}}", do="submit"))
    assert answer.status_code == 422
    assert "may not begin or end with a variable" in at(answer.text, "p-body-text")
    assert db.session.scalar(select(MessageTemplate)) is None


def test_it_does_not_reproach_what_is_merely_unfinished(mona: FlaskClient) -> None:
    calm = mona.post("/templates/check", data=typed(body__text="")).text
    tried = mona.post("/templates/check", data=typed(body__text="", tried="1")).text
    assert at(calm, "p-body-text") == ""
    assert "The text is empty." in at(tried, "p-body-text")
    assert "The text is empty." in calm  # in the list of what is left


def test_it_follows_the_typing(mona: FlaskClient) -> None:
    fragment = mona.post("/templates/check", data=typed(**{"shown.body": ""})).text
    assert "Hi Asha, our <strong>Diwali boxes</strong> are here." in fragment
    assert "It keeps all of Meta" in fragment
    assert 'name="body.samples.first_name" value="Asha"' in fragment


def test_it_leaves_rows_alone_that_are_right(mona: FlaskClient) -> None:
    fragment = mona.post("/templates/check", data=typed(**{"shown.body": "first_name"})).text
    assert 'id="body-samples"' not in fragment
    assert 'id="buttons"' not in fragment


def test_it_adds_a_row(mona: FlaskClient) -> None:
    with_scripts = mona.post("/templates/check", data=typed(do="add:PHONE_NUMBER")).text
    without = mona.post("/templates/new", data=typed(do="add:PHONE_NUMBER"))
    assert without.status_code == 200
    for page in (with_scripts, without.text):
        assert 'name="buttons.2.phone_number"' in page
        assert 'value="Shop now"' in page


def test_it_stores_nothing_while_it_checks(mona: FlaskClient) -> None:
    mona.post("/templates/check", data=typed())
    mona.post("/templates/new", data=typed(do="show"))
    assert db.session.scalar(select(MessageTemplate)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"body.text": "\x00 {{ {{{{ }} {{x}} \ud83d"},
        {"buttons.0.type": "FLOW"},
        {"buttons.999.type": "URL"},
        {"header.format": "HOLOGRAM", "category": "NONSENSE", "language": "../.."},
        {"do": "up:-1"},
        {"do": "remove:99999999999999999999"},
    ],
)
def test_it_bears_odd_forms(mona: FlaskClient, changes: dict[str, str]) -> None:
    data = {**typed(), **{name: value.encode("utf-8", "replace") for name, value in changes.items()}}
    assert mona.post("/templates/check", data=data).status_code == 200
    assert mona.post("/templates/new", data={"do": "submit", **data}).status_code in (200, 422)


def test_it_keeps_a_sample_file(mona: FlaskClient) -> None:
    data = {**typed(header__format="IMAGE"), "header.sample": (BytesIO(PNG), "me.png")}
    fragment = mona.post("/templates/check", data=data).text
    assert 'class="phone-picture" src="/templates/samples/' in fragment
    ticket = fragment.split('name="header.sample_ticket" value="')[1].split('"')[0]
    mona.post("/templates/new", data=typed(header__format="IMAGE", header__sample_ticket=ticket, do="draft"))
    assert the_template().sample_key.endswith(".png")


def test_it_refuses_a_sample_of_another_kind(mona: FlaskClient) -> None:
    data = {**typed(header__format="VIDEO"), "header.sample": (BytesIO(PNG), "me.mp4")}
    assert "must be an MP4 or 3GP video" in at(mona.post("/templates/check", data=data).text, "p-header-sample")
    answer = mona.post(
        "/templates/new", data={**typed(header__format="VIDEO", do="draft"), "header.sample": (BytesIO(PNG), "me.mp4")}
    )
    assert answer.status_code == 422


def test_it_wants_a_sample_file_before_meta_does(mona: FlaskClient) -> None:
    answer = mona.post("/templates/new", data=typed(header__format="IMAGE", do="submit"))
    assert "Meta wants a sample image to look at." in at(answer.text, "p-header-sample")


def test_it_copies_a_template(mona: FlaskClient, channel: Channel) -> None:
    source = factories.make_template(channel)
    page = mona.get(f"/templates/new?from={source.public_id}").text
    assert 'value="goa_monsoon_offer_copy"' in page
    assert "monsoon fares to {{2}} are open" in page
    assert 'name="buttons.0.text" value="Interested"' in page


def test_it_edits_no_parts_it_cannot_write(mona: FlaskClient, channel: Channel) -> None:
    flow = [{"type": "BODY", "text": "x"}, {"type": "BUTTONS", "buttons": [{"type": "FLOW", "text": "Go"}]}]
    template = factories.make_template(channel, components=flow)
    answer = mona.get(f"/templates/{template.public_id}/edit")
    assert answer.status_code == 409
    assert "FLOW button" in answer.text
    assert "/edit" not in mona.get(f"/templates/{template.public_id}").text


def test_it_edits_nothing_under_review(mona: FlaskClient, channel: Channel) -> None:
    template = factories.make_template(channel, status="PENDING")
    assert mona.get(f"/templates/{template.public_id}/edit").status_code == 409


def at(page: str, id: str) -> str:
    """The text of the element with this id, which holds no others."""
    return page.split(f'id="{id}"')[1].split(">", 1)[1].split("<", 1)[0]

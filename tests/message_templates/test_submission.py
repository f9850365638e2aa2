"""Templates handed to Meta over real HTTP: taken, refused, never twice; edited, deleted, unpaused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import pytest
import requests
import responses
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.channels.models import Channel
from app.extensions import db
from app.message_templates import drafts, events, forms, samples, submission
from app.message_templates.jobs import reading, submitting
from app.message_templates.models import MessageTemplate, Status
from app.meta.errors import MetaError, NotSent, OutcomeUnknown
from app.shared import clock
from app.shared.errors import Refused
from tests import factories
from tests.message_templates.sheets import PNG, typed
from tests.sandboxes import Sandbox


@pytest.fixture
def channel(app: Flask) -> Channel:
    channel: Channel = factories.make_channel()
    db.session.commit()
    return channel


@pytest.fixture
def draft(channel: Channel) -> MessageTemplate:
    return drafted(channel)


def drafted(channel: Channel, sample_key: str | None = None, **changes: str) -> MessageTemplate:
    definition = forms.definition_of(forms.read(typed(**changes)))
    template = drafts.save(channel, definition, sample_key, None)
    db.session.commit()
    return template


def at_meta(sandbox: Sandbox, channel: Channel, name: str) -> list[dict]:
    listed = sandbox.graph("GET", f"{channel.waba_id}/message_templates?name={name}&fields=id,name,status,components")
    return [node for node in listed["data"] if node["name"] == name]


def test_it_hands_a_draft_in(sandbox: Sandbox, channel: Channel, draft: MessageTemplate) -> None:
    assert submitting.submit(draft.id, None) is None
    [node] = at_meta(sandbox, channel, "diwali_offer")
    assert (draft.meta_id, draft.status) == (node["id"], "PENDING")
    assert [event.kind for event in events.history(draft)] == ["submitted"]


def test_it_hands_a_draft_in_once(sandbox: Sandbox, channel: Channel, draft: MessageTemplate) -> None:
    submitting.submit(draft.id, None)
    with pytest.raises(Refused, match="submitted already"):
        submitting.submit(draft.id, None)
    assert len(at_meta(sandbox, channel, "diwali_offer")) == 1


def test_it_hands_in_the_sample_file(sandbox: Sandbox, channel: Channel) -> None:
    key = samples.keep(BytesIO(PNG), "IMAGE")
    template = drafted(channel, key, header__format="IMAGE")
    assert submitting.submit(template.id, None) is None
    [node] = at_meta(sandbox, channel, "diwali_offer")
    assert node["components"][0]["example"]["header_handle"][0]
    assert channel.app_id
    assert template.components[0] == {"type": "HEADER", "format": "IMAGE"}


def test_it_hands_in_nothing_unfinished(channel: Channel) -> None:
    template = drafted(channel, body__text="")
    with pytest.raises(Refused, match="not ready yet. The text is empty"):
        submitting.submit(template.id, None)
    assert template.status == Status.DRAFT


def test_it_is_a_draft_again_when_meta_refuses(sandbox: Sandbox, channel: Channel, draft: MessageTemplate) -> None:
    taken = {"name": draft.name, "language": "en", "category": "UTILITY"}
    components = [{"type": "BODY", "text": "Somebody else wrote this."}]
    sandbox.graph("POST", f"{channel.waba_id}/message_templates", **taken, components=components)
    failure = submitting.submit(draft.id, None)
    assert isinstance(failure, MetaError)
    assert draft.status == Status.DRAFT


def test_it_is_a_draft_again_when_nothing_left(nobody: None, draft: MessageTemplate) -> None:
    assert isinstance(submitting.submit(draft.id, None), NotSent)
    assert draft.status == Status.DRAFT


@pytest.fixture
def meta() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def lists(meta: responses.RequestsMock, *nodes: dict) -> None:
    meta.get(url_of("message_templates"), json={"data": list(nodes)})


def url_of(path: str) -> re.Pattern[str]:
    return re.compile(rf".*/{path}.*")


def test_it_is_unconfirmed_while_nobody_knows(meta: responses.RequestsMock, draft: MessageTemplate) -> None:
    meta.post(url_of("message_templates"), body=requests.ReadTimeout())
    lists(meta)
    assert isinstance(submitting.submit(draft.id, None), OutcomeUnknown)
    assert draft.status == Status.UNCONFIRMED
    with pytest.raises(Refused):
        submitting.submit(draft.id, None)


def test_a_reading_tells_that_meta_has_it(meta: responses.RequestsMock, draft: MessageTemplate) -> None:
    meta.post(url_of("message_templates"), body=requests.ReadTimeout())
    lists(meta, {"id": "77", "status": "PENDING", **drafts.definition_of(draft)})
    assert submitting.submit(draft.id, None) is None
    assert (draft.meta_id, draft.status) == ("77", "PENDING")


def test_a_later_reading_tells_that_meta_does_not_have_it(
    meta: responses.RequestsMock, channel: Channel, draft: MessageTemplate
) -> None:
    draft.status, draft.synced_at = Status.UNCONFIRMED, clock.now() - timedelta(minutes=2)
    db.session.commit()
    lists(meta)
    reading.sync_templates_now(channel.id)
    assert draft.status == Status.DRAFT


def test_a_reading_buries_no_draft(meta: responses.RequestsMock, channel: Channel, draft: MessageTemplate) -> None:
    lists(meta)
    result = reading.sync_templates_now(channel.id)
    assert result is not None
    assert (result.removed, draft.status) == (0, Status.DRAFT)


def test_a_draft_steps_aside_for_another_of_its_name(
    meta: responses.RequestsMock, channel: Channel, draft: MessageTemplate
) -> None:
    body = {"type": "BODY", "text": "Somebody else wrote this."}
    lists(meta, {"id": "8", "name": draft.name, "language": "en", "status": "APPROVED", "components": [body]})
    reading.sync_templates_now(channel.id)
    kept = db.session.scalars(select(MessageTemplate).order_by(MessageTemplate.id)).all()
    assert [template.status for template in kept] == [Status.DRAFT, Status.APPROVED]
    assert "Diwali boxes" in kept[0].components[1]["text"]


def test_it_shows_metas_own_words_at_the_field(
    meta: responses.RequestsMock, client: FlaskClient, cast, channel: Channel
) -> None:
    error = {
        "code": 100,
        "error_subcode": 2388072,
        "message": "Invalid parameter",
        "error_user_msg": "The text of the body sounds like a lottery.",
    }
    meta.post(url_of("message_templates"), json={"error": error}, status=400)
    answer = factories.login(client, cast.mona).post("/templates/new", data=typed(do="submit"))
    assert answer.status_code == 422
    assert "Meta refused it" in answer.text.split('id="p-body-text"')[1][:200]
    assert "our *Diwali boxes* are here." in answer.text
    template = db.session.scalars(select(MessageTemplate)).one()
    assert template.status == Status.DRAFT
    assert f'action="/templates/{template.public_id}/edit"' in answer.text


def test_it_leads_from_the_form_to_the_page(sandbox: Sandbox, client: FlaskClient, cast, channel: Channel) -> None:
    answer = factories.login(client, cast.mona).post("/templates/new", data=typed(do="submit"), follow_redirects=True)
    assert "diwali_offer is with Meta" in answer.text
    assert "In review" in answer.text
    assert "/status?seen=PENDING" in answer.text


def approved(sandbox: Sandbox, channel: Channel, name: str = "goa_monsoon_offer") -> MessageTemplate:
    reading.sync_templates(channel.id)
    template = db.session.scalar(select(MessageTemplate).where(MessageTemplate.status == "APPROVED").limit(1))
    assert template is not None
    return template


def test_it_edits_what_meta_has(sandbox: Sandbox, channel: Channel) -> None:
    template = approved(sandbox, channel)
    changed = [{"type": "BODY", "text": "A text that we wrote anew."}]
    assert submitting.edit(template.id, {"components": changed}, None, None) is None
    [node] = at_meta(sandbox, channel, template.name)
    assert node["components"] == changed == template.components
    assert template.status == "PENDING"
    assert "edited" in [event.kind for event in events.history(template)]


def test_it_tells_when_an_edit_is_too_soon(sandbox: Sandbox, channel: Channel) -> None:
    template = approved(sandbox, channel)
    events.record_change(template, "edited", None, None, clock.now() - timedelta(hours=2))
    with pytest.raises(Refused, match="one edit of an approved template a day"):
        submission.require_editable(template, clock.now())
    assert submission.next_edit(template, clock.now() + timedelta(hours=23)) is None


def test_it_counts_the_edits_of_a_month(channel: Channel) -> None:
    template = factories.make_template(channel)
    for days in range(2, 12):
        events.record_change(template, "edited", None, None, clock.now() - timedelta(days=days))
    assert submission.next_edit(template, clock.now()) is not None


def test_it_deletes_a_language_only(sandbox: Sandbox, client: FlaskClient, cast, channel: Channel) -> None:
    template = approved(sandbox, channel)
    factories.login(client, cast.mona)
    assert "stays taken for 30 days" in client.get(f"/templates/{template.public_id}/delete").text
    client.post(f"/templates/{template.public_id}/delete", data={"scope": "one"})
    assert template.status == Status.DELETED
    assert template.meta_id not in [node["id"] for node in at_meta(sandbox, channel, template.name)]


def test_it_deletes_all_languages(sandbox: Sandbox, client: FlaskClient, cast, channel: Channel) -> None:
    for language in ("en", "hi"):
        template = drafted(channel, language=language)
        submitting.submit(template.id, None)
    factories.login(client, cast.mona).post(f"/templates/{template.public_id}/delete", data={"scope": "all"})
    statuses = db.session.scalars(select(MessageTemplate.status).where(MessageTemplate.name == "diwali_offer")).all()
    assert statuses == [Status.DELETED, Status.DELETED]
    assert at_meta(sandbox, channel, "diwali_offer") == []


def test_it_discards_a_draft(client: FlaskClient, cast, draft: MessageTemplate) -> None:
    factories.login(client, cast.mona).post(f"/templates/{draft.public_id}/delete")
    assert db.session.scalar(select(MessageTemplate)) is None


def test_it_deletes_nothing_that_a_campaign_still_needs(client: FlaskClient, cast, channel: Channel) -> None:
    template = factories.make_template(channel)
    campaign = factories.make_campaign(template, status="scheduled", scheduled_for=clock.now() + timedelta(days=1))
    answer = factories.login(client, cast.mona).post(f"/templates/{template.public_id}/delete")
    assert answer.status_code == 409
    assert f"/campaigns/{campaign.public_id}" in answer.text
    assert template.status == "APPROVED"


def test_it_lists_the_campaigns_that_used_it(client: FlaskClient, cast, channel: Channel) -> None:
    template = factories.make_template(channel)
    factories.make_campaign(template, name="Monsoon in June")
    page = factories.login(client, cast.vera).get(f"/templates/{template.public_id}/campaigns")
    assert "Monsoon in June" in page.text


def test_it_reloads_the_page_when_the_review_is_over(client: FlaskClient, cast, channel: Channel) -> None:
    template = factories.make_template(channel, status="PENDING")
    factories.login(client, cast.vera)
    address = f"/templates/{template.public_id}/status?seen=PENDING"
    assert client.get(address).status_code == 204
    template.status = "APPROVED"
    db.session.flush()
    assert client.get(address).headers["HX-Refresh"] == "true"


def test_it_unpauses(meta: responses.RequestsMock, client: FlaskClient, cast, channel: Channel) -> None:
    template = factories.make_template(channel, status="PAUSED", meta_id="5")
    node = {"id": "5", "name": template.name, "language": "en", "status": "APPROVED", "components": []}
    meta.post(url_of("5/unpause"), json={"success": True})
    meta.get(url_of("5"), json=node)
    answer = factories.login(client, cast.mona).post(f"/templates/{template.public_id}/unpause", follow_redirects=True)
    assert "may be sent again" in answer.text
    assert template.status == "APPROVED"


def test_it_discards_no_draft_that_a_campaign_names(client: FlaskClient, cast, draft: MessageTemplate) -> None:
    factories.make_campaign(draft, status="draft")
    answer = factories.login(client, cast.mona).post(f"/templates/{draft.public_id}/delete")
    assert answer.status_code == 409
    assert "Give these another template first" in answer.text


def test_it_keeps_what_was_typed_when_an_edit_comes_too_soon(client: FlaskClient, cast, channel: Channel) -> None:
    template = factories.make_template(channel, name="diwali_offer", meta_id="5")
    factories.login(client, cast.mona)
    assert "An approved template can be edited once a day" in client.get(f"/templates/{template.public_id}/edit").text
    form = typed(do="submit", parameter_format="POSITIONAL", body__text="Hi {{1}}, other words.", body__samples__1="A")
    events.record_change(template, "edited", None, None, clock.now())
    answer = client.post(f"/templates/{template.public_id}/edit", data=form)
    assert answer.status_code == 422
    assert "Meta takes one edit of an approved template a day" in answer.text
    assert "Hi {{1}}, other words." in answer.text
    assert template.status == "APPROVED"

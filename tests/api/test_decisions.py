"""Decisions through the API: failed ones tried again, messages in doubt taken for sent or sent again."""

from __future__ import annotations

from typing import Any

import pytest

from app.auth.models import AuditEntry
from app.campaigns.models import Campaign, CampaignStatus, Recipient, RecipientState
from app.campaigns.service import lifecycle
from app.extensions import db
from app.messaging.models import Message, MessageState
from tests.api.conftest import Caller, token_of
from tests.campaigns.failing import claimed, in_doubt, refused, sending


def path(campaign: Campaign, deed: str) -> str:
    return f"/campaigns/{campaign.public_id}/{deed}"


def done(campaign: Campaign) -> Campaign:
    assert lifecycle.complete_if_done(campaign.id)
    db.session.commit()
    return campaign


@pytest.fixture
def doubtful(api: Caller) -> Campaign:
    """A completed campaign of whose three messages nobody knows anything."""
    campaign = sending(3)
    in_doubt(campaign, claimed(campaign, 3))
    return done(campaign)


def states() -> list[MessageState]:
    db.session.expire_all()
    return [message.state for message in db.session.query(Message).order_by(Message.id)]


def test_failed_ones_are_tried_again(api: Caller) -> None:
    campaign = sending(2, max_retries=0)
    refused(campaign, claimed(campaign, 2), 131000)
    answer = api.post(path(done(campaign), "retry-failed"))
    assert (answer.status_code, answer.json["status"], answer.json["recipients"]) == (200, "sending", 2)
    entry = db.session.query(AuditEntry).one()
    assert (entry.action, entry.details["number"]) == ("campaign.retry_failed", 2)


def test_a_refusal_is_a_sentence_and_changes_nothing(api: Caller) -> None:
    campaign = sending(1, retry_failed=False)
    refused(campaign, claimed(campaign), 131026)
    answer = api.post(path(done(campaign), "retry-failed"))
    assert (answer.status_code, "would fail again" in answer.json["error"]["message"]) == (409, True)
    db.session.expire_all()
    assert db.session.get_one(Campaign, campaign.id).status is CampaignStatus.COMPLETED


def test_all_in_doubt_are_taken_for_sent(api: Caller, doubtful: Campaign) -> None:
    answer = api.post(path(doubtful, "assume-sent"), {})
    assert (answer.status_code, answer.json["recipients"], answer.json["status"]) == (200, 3, "completed")
    assert states() == [MessageState.ACCEPTED] * 3


def test_those_named_by_number_or_message_are_sent_again(api: Caller, doubtful: Campaign) -> None:
    second = str(db.session.query(Message).order_by(Message.id)[1].public_id)
    answer = api.post(path(doubtful, "send-again"), {"recipients": ["+91 98000 00001", second]})
    assert (answer.status_code, answer.json["recipients"], answer.json["status"]) == (200, 2, "sending")
    db.session.expire_all()
    people = db.session.query(Recipient).order_by(Recipient.position)
    assert [it.state for it in people] == [RecipientState.PENDING] * 2 + [RecipientState.HANDED]


@pytest.mark.parametrize("deed", ["assume-sent", "send-again"])
@pytest.mark.parametrize("named", ["+919999999999", "12", "01970000-0000-7000-8000-000000000001"])
def test_somebody_unknown_is_refused_at_the_field(api: Caller, doubtful: Campaign, deed: str, named: str) -> None:
    answer = api.post(path(doubtful, deed), {"recipients": ["+919800000001", named]})
    assert (answer.status_code, list(answer.json["error"]["fields"])) == (422, ["recipients"])
    assert states() == [MessageState.UNCONFIRMED] * 3


@pytest.mark.parametrize("body", [{"recipients": []}, {"everybody": True}, {"recipients": "x"}])
def test_a_body_that_says_nothing_of_use_is_refused(api: Caller, doubtful: Campaign, body: dict[str, Any]) -> None:
    assert api.post(path(doubtful, "send-again"), body).status_code == 422


def test_pressed_twice_the_second_finds_nobody(api: Caller, doubtful: Campaign) -> None:
    api.post(path(doubtful, "send-again"), {})
    answer = api.post(path(doubtful, "send-again"), {})
    assert (answer.status_code, "in doubt" in answer.json["error"]["message"]) == (409, True)
    assert {recipient.retry_count for recipient in db.session.query(Recipient)} == {1}


def test_whoever_only_looks_decides_nothing(api: Caller, doubtful: Campaign, cast: Any) -> None:
    vera = Caller(api.app, token_of(cast.vera))
    for deed in ("retry-failed", "assume-sent", "send-again"):
        assert vera.post(path(doubtful, deed), {}).status_code == 403


def test_the_figures_say_what_was_done_and_whether_another_try_helps(api: Caller) -> None:
    campaign = sending(2, max_retries=0, retry_failed=False)
    first, second = claimed(campaign, 2)
    refused(campaign, [first], 131000)
    refused(campaign, [second], 131026)
    failures = {it["reason"]: it for it in api.get(path(campaign, "stats")).json["failures"]}
    assert [failures[code]["can_be_tried_again"] for code in ("131000", "131026")] == [True, False]
    assert failures["131026"]["done"].startswith("Tried again up to three times")

"""A claim that the database refuses in the middle of a tick: what is in flight is written down all the same."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.campaigns.jobs import send
from app.campaigns.models import Campaign, CampaignStatus
from app.campaigns.service import dispatch
from app.extensions import db
from tests import factories
from tests.sandboxes import Sandbox

NOBODY = "INSERT INTO late_failures VALUES (999999)"  # a reference to what is gone
NOWHERE = "SELECT * FROM no_such_table"


def sending() -> Campaign:
    campaign = factories.make_campaign(status=CampaignStatus.SENDING, target_type="imported")
    campaign.channel.messages_per_second = 500
    factories.make_recipients(campaign, 100)
    db.session.commit()
    return campaign


def the_third_claim_fails(monkeypatch: pytest.MonkeyPatch, statement: str) -> None:
    claims, claim = [0], dispatch.claim

    def third(*arguments: object) -> dispatch.Claim:
        claims[0] += 1
        if claims[0] == 3:
            db.session.execute(text(statement))
        return claim(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(dispatch, "claim", third)


def states() -> Counter[str]:
    return Counter(dict(db.session.execute(text("SELECT state, count(*) FROM messages GROUP BY state")).all()))


def test_a_customer_who_went_meanwhile_ends_the_tick_and_leaves_nothing_in_doubt(
    app: Flask, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = sending()
    the_third_claim_fails(monkeypatch, NOBODY)
    send.send_campaign(campaign.id)
    assert set(states()) == {"accepted"}
    send.send_campaign(campaign.id)
    assert states() == {"accepted": 100}


def test_a_defect_of_ours_leaves_nothing_in_doubt(
    app: Flask, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = sending()
    the_third_claim_fails(monkeypatch, NOWHERE)
    with pytest.raises(ProgrammingError):
        send.send_campaign(campaign.id)
    assert set(states()) == {"accepted"}


def test_a_claim_whose_commit_was_not_answered_is_handed_back(
    app: Flask, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign, commit, claim, claims = sending(), db.session.commit, dispatch.claim, [0]

    def counted(*arguments: object) -> dispatch.Claim:
        claims[0] += 1
        return claim(*arguments)  # type: ignore[arg-type]

    def unanswered() -> None:
        commit()
        if claims[0] == 3:
            claims[0] += 1
            raise OperationalError("COMMIT", {}, Exception("the connection is gone"))

    monkeypatch.setattr(dispatch, "claim", counted)
    monkeypatch.setattr(db.session, "commit", unanswered)
    send.send_campaign(campaign.id)
    assert states()["failed"] > 0
    assert set(states()) == {"accepted", "failed"}
    db.session.execute(text("UPDATE recipients SET due_at = now()"))
    commit()
    send.send_campaign(campaign.id)
    assert (states()["accepted"], sandbox.control("GET", "state")["accepted"]) == (100, 100)

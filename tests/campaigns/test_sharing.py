"""Campaigns that compete for the messaging limit, sent by real ticks: by weight, none starves, the reserve stays."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask

from app.campaigns.models import Campaign, CampaignStatus, PauseReason
from app.campaigns.queries import figures, limit
from app.campaigns.service import lifecycle
from app.extensions import db
from app.messaging.engine import guard
from app.operations import tick
from app.shared import queues
from tests import factories
from tests.sandboxes import Sandbox

PEOPLE, LIMIT, RESERVE = 150, 120, 6


@pytest.fixture
def rivals(app: Flask, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> list[Campaign]:
    """Three campaigns of weights 1, 1 and 3, each wanting more than the whole limit."""
    settings = dataclasses.replace(app.extensions["bulbul_config"], daily_limit=LIMIT)
    monkeypatch.setitem(app.extensions, "bulbul_config", settings)
    sandbox.control("PUT", "config", latency_ms=0, throughput_mps=0, messaging_limit=0)
    template = factories.make_template(factories.make_channel(messages_per_second=1000))
    made = [factories.make_campaign(template, weight=weight, status=CampaignStatus.SENDING) for weight in (1, 1, 3)]
    for number, campaign in enumerate(made):
        for recipient in factories.make_recipients(campaign, PEOPLE, 919800000001 + 1000 * number):
            factories.make_customer(phone=recipient.phone)
    db.session.commit()
    return made


def work() -> None:
    """Do what is rung for, in its order, until nothing is."""
    while jobs := queues.queue(queues.SENDS).jobs:
        jobs[0].func(*jobs[0].args)
        jobs[0].delete()
        db.session.expire_all()


def test_rivals_share_the_limit_by_weight_and_leave_the_reserve(rivals: list[Campaign]) -> None:
    tick.attend_campaigns()
    work()
    got = [figures.of(campaign.id).accepted for campaign in rivals]
    assert sum(got) == LIMIT - RESERVE == guard.usage(rivals[0].channel.portfolio_id, LIMIT).used
    assert [it.places for it in limit.users(rivals[0].channel.portfolio_id)] == sorted(got, reverse=True)
    assert got[2] == max(got)
    assert min(got) >= (LIMIT - RESERVE) / 5 * 0.6


def test_campaigns_at_the_reserve_rest_until_a_place_of_their_own_opens(rivals: list[Campaign]) -> None:
    portfolio = rivals[0].channel.portfolio_id
    for campaign in rivals:
        lifecycle.pause(campaign, PauseReason.MESSAGING_LIMIT)
    guard.reserve(portfolio, [f"+9170{i:08d}" for i in range(LIMIT - RESERVE)], LIMIT, "UTC")
    db.session.commit()
    tick.reopen_at_the_limit()
    assert queues.queue(queues.SENDS).jobs == []
    assert {campaign.status for campaign in rivals} == {CampaignStatus.PAUSED}
    assert len(guard.reserve(portfolio, ["+916000000001"], LIMIT, "UTC").contacts) == 1  # a reply still finds a place

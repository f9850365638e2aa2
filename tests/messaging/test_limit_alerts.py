"""How much of the limit is used, as alerts: each level once on the way up, over when the use has fallen."""

from __future__ import annotations

import pytest
from flask import Flask

from app.channels import alerts
from app.channels.models import Channel, Severity
from app.channels.words import place_of
from app.extensions import db
from app.messaging import jobs, limit_alerts
from app.messaging.engine import guard
from app.operations import tick
from app.shared import clock, queues
from tests import factories


@pytest.fixture
def channel(app: Flask) -> Channel:
    return factories.make_channel(tier="TIER_250")


def told(channel: Channel, used: int, limit: int | None = 200) -> str | None:
    """What stands at this use."""
    limit_alerts.heed(channel, used, limit, limit and limit - 10, clock.now())
    alert = alerts.standing(channel, limit_alerts.KIND)
    return alert.title.split()[0] if alert else None


def test_each_level_is_told_on_the_way_up(channel: Channel) -> None:
    uses = (0, 159, 160, 189, 190, 199, 200, 240)
    assert [told(channel, used) for used in uses] == [None, None, "80", "80", "95", "95", "100", "100"]


def test_one_stands_at_a_time(channel: Channel) -> None:
    for used in (160, 190, 200):
        told(channel, used)
    assert [(alert.title, alert.severity) for alert in alerts.open_alerts(channel)] == [
        ("100 % of the messaging limit was used up.", Severity.CRITICAL)
    ]


def test_a_steady_use_is_told_once_and_over_when_it_has_fallen(channel: Channel) -> None:
    told(channel, 190)
    first = alerts.standing(channel, limit_alerts.KIND)
    assert [told(channel, used) for used in (178, 190, 155, 190)] == ["95"] * 4
    assert alerts.standing(channel, limit_alerts.KIND) == first
    assert told(channel, 149) is None
    assert told(channel, 160) == "80"


@pytest.mark.parametrize("limit", [0, None])
def test_no_limit_and_a_limit_of_zero_are_no_news(channel: Channel, limit: int | None) -> None:
    assert told(channel, 500, limit) is None


def test_it_says_what_follows(channel: Channel) -> None:
    for used, words in ((160, "When it is used up"), (190, "Campaigns wait"), (200, "Nothing more leaves")):
        told(channel, used)
        assert words in alerts.standing(channel, limit_alerts.KIND).details
    assert place_of(alerts.standing(channel, limit_alerts.KIND)).endpoint == "campaigns.limit"


def test_the_job_counts_and_alerts(channel: Channel) -> None:
    guard.reserve(channel.portfolio_id, [f"+91980000{i:04d}" for i in range(161)], None, "UTC")
    db.session.commit()
    jobs.watch_limit(channel.id)
    assert alerts.standing(channel, limit_alerts.KIND).title.startswith("80 %")
    db.session.execute(db.text("DELETE FROM limit_contacts"))
    db.session.execute(db.text("UPDATE limit_guards SET counted_at = NULL"))
    db.session.commit()
    jobs.watch_limit(channel.id)
    assert alerts.open_alerts(channel) == []


def test_the_tick_rings_for_it_every_minute(channel: Channel) -> None:
    db.session.commit()
    tick.attend_alerts()
    tick.attend_alerts()
    assert [(job.func, job.args) for job in queues.queue(queues.SYNC).jobs] == [(jobs.watch_limit, (channel.id,))]

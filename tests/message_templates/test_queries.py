"""Finding templates."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.channels.models import Channel
from app.message_templates import queries
from app.shared import clock
from tests import factories


@pytest.fixture
def channel(app: Flask) -> Channel:
    channel = factories.make_channel()
    factories.make_template(channel, "Hi {{1}}, 50% off {{2}}", name="diwali_offer")
    factories.make_template(channel, "Booked, {{1}}", name="booking", category="UTILITY", language="hi")
    factories.make_template(channel, name="old_offer", status="DELETED")
    return channel


def names(channel: Channel, **filters: str) -> list[str]:
    return [template.name for template in queries.gallery(channel, **filters).items]  # type: ignore[arg-type]


def test_it_shows_all_but_the_deleted(channel: Channel) -> None:
    assert names(channel) == ["booking", "diwali_offer"]
    assert names(channel, status="DELETED") == ["old_offer"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"category": "UTILITY"}, ["booking"]),
        ({"language": "en"}, ["diwali_offer"]),
        ({"search": "Diwali offer"}, ["diwali_offer"]),
        ({"search": "booked"}, ["booking"]),
        ({"search": "50%"}, ["diwali_offer"]),
        ({"search": "%"}, ["diwali_offer"]),
        ({"search": "BODY"}, []),
        ({"category": "UTILITY", "language": "en"}, []),
    ],
)
def test_it_filters(channel: Channel, filters: dict[str, str], found: list[str]) -> None:
    assert names(channel, **filters) == found


def test_it_offers_the_words_that_occur(channel: Channel) -> None:
    assert queries.choices(channel) == queries.Choices(["APPROVED", "DELETED"], ["MARKETING", "UTILITY"], ["en", "hi"])


def test_it_offers_nothing_where_there_is_nothing(app: Flask) -> None:
    assert queries.choices(factories.make_channel()) == queries.Choices()


def test_it_finds_the_approved_language_first(channel: Channel) -> None:
    factories.make_template(channel, name="diwali_offer", language="as", status="REJECTED")
    found = queries.by_name(channel, "diwali_offer")
    assert found is not None
    assert found.language == "en"
    assert queries.by_name(channel, "diwali_offer", "fr") is None
    assert queries.by_name(channel, "old_offer") is None


def test_it_offers_campaigns_the_approved_ones(channel: Channel) -> None:
    factories.make_template(channel, name="waiting", status="PENDING")
    assert [template.name for template in queries.sendable_templates(channel)] == ["booking", "diwali_offer"]


def test_it_fills_the_samples_in(channel: Channel) -> None:
    template = queries.by_name(channel, "diwali_offer")
    assert template is not None
    assert queries.sample(template).body == "Hi Asha, 50% off Goa"


def test_it_knows_which_channels_are_due(channel: Channel) -> None:
    now = clock.now()
    assert queries.channels_due_for_sync(now) == [channel.id]
    channel.templates_synced_at = now - timedelta(minutes=59)
    assert queries.channels_due_for_sync(now) == []
    assert queries.channels_due_for_sync(now + timedelta(minutes=1)) == [channel.id]

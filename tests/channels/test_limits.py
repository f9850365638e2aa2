"""The messaging limit we keep: the environment's, else 80 % of Meta's tier, else 200."""

from __future__ import annotations

import pytest
from flask import Flask

from app.channels import words
from app.channels.limits import messaging_limit
from tests import factories


@pytest.mark.parametrize(
    ("tier", "daily_limit", "value"),
    [
        ("TIER_250", None, 200),
        ("TIER_2K", None, 1_600),
        ("TIER_10K", None, 8_000),
        ("TIER_100K", None, 80_000),
        ("TIER_UNLIMITED", None, None),
        ("UNTIERED", None, 200),
        ("TIER_OF_TOMORROW", None, 200),
        (None, None, 200),
        ("TIER_10K", 300, 300),
        ("TIER_UNLIMITED", 0, 0),
        (None, 5_000, 5_000),
    ],
)
def test_it_keeps_the_environments_limit_or_a_share_of_the_tier(
    app: Flask, tier: str | None, daily_limit: int | None, value: int | None
) -> None:
    assert messaging_limit(factories.make_channel(tier=tier), daily_limit).value == value


def test_it_says_why(app: Flask) -> None:
    channel = factories.make_channel(tier="TIER_2K")
    assert messaging_limit(channel, None).why == "80 % of the 2,000 that Meta allows."
    assert messaging_limit(channel, 100).why == "WHATSAPP_DAILY_LIMIT says so."


def test_it_warns_of_a_setting_above_what_meta_allows(app: Flask) -> None:
    assert "Meta allows only 250" in messaging_limit(factories.make_channel(tier="TIER_250"), 1_000).why


def test_it_reads_an_unlimited_tier_as_no_limit_but_a_missing_one_as_unknown(app: Flask) -> None:
    unlimited, silent = (
        factories.make_channel(tier="TIER_UNLIMITED"),
        factories.make_channel(tier="UNTIERED", phone_number_id="2"),
    )
    assert words.tier(unlimited) == "Any number of customers"
    assert words.tier(silent) == "Not read yet"

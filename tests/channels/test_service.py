"""A channel made from the environment and read from Meta."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask
from sqlalchemy import text

from app import config
from app.channels import queries, service
from app.extensions import db
from app.meta.phone_numbers import PhoneNumber
from app.shared import clock
from tests import factories


@pytest.fixture
def reading() -> PhoneNumber:
    return PhoneNumber(
        "1", "+91 98123 45678", "Sahyadri Holidays", "GREEN", "CONNECTED", None, "STANDARD", "TIER_2K", None, ()
    )


def test_it_makes_the_environments_channel_once(app: Flask) -> None:
    first, second = service.ensure_channel(config.current()), service.ensure_channel(config.current())
    assert first.id == second.id
    assert (first.name, first.waba_id) == ("Sandbox", config.current().business_account_id)


def test_it_follows_a_new_token_and_keeps_what_people_set(app: Flask) -> None:
    service.set_speed(service.ensure_channel(config.current()), 55)
    channel = service.ensure_channel(dataclasses.replace(config.current(), access_token="EAA-new"))
    assert (channel.token, channel.messages_per_second) == ("EAA-new", 55)


def test_it_keeps_the_secrets_encrypted(app: Flask) -> None:
    service.ensure_channel(dataclasses.replace(config.current(), access_token="EAA-secret"))
    row = db.session.execute(text("SELECT token, app_secret, verify_token FROM channels")).one()
    assert not {"EAA-secret", "sandbox-app-secret", "sandbox-verify"} & set(row)


def test_it_prefers_the_environments_channel_to_an_older_one(app: Flask) -> None:
    factories.make_channel(phone_number_id="an older number")
    ours = service.ensure_channel(config.current())
    assert queries.the_channel() is ours


def test_it_has_no_channel_in_an_empty_house(app: Flask) -> None:
    assert queries.the_channel() is None


def test_it_records_what_meta_says(app: Flask, reading: PhoneNumber) -> None:
    channel, at = factories.make_channel(read_error="Meta was away."), clock.now()
    service.record_reading(channel, reading, at)
    assert (channel.verified_name, channel.quality, channel.tier) == ("Sahyadri Holidays", "GREEN", "TIER_2K")
    assert (channel.read_at, channel.read_error) == (at, None)


def test_it_learns_the_portfolio_at_the_first_reading_only(app: Flask, reading: PhoneNumber) -> None:
    channel = factories.make_channel(business_id=None)
    service.record_business(channel, "first")
    service.record_reading(channel, reading, clock.now())
    service.record_business(channel, "second")
    assert channel.portfolio_id == "first"


def test_it_keeps_the_account_as_portfolio_when_none_was_told(app: Flask, reading: PhoneNumber) -> None:
    channel = factories.make_channel(business_id=None)
    service.record_reading(channel, reading, clock.now())
    service.record_business(channel, "told later")
    assert channel.portfolio_id == channel.waba_id


def test_it_keeps_what_meta_said_before_a_trouble(app: Flask, reading: PhoneNumber) -> None:
    channel, at = factories.make_channel(), clock.now()
    service.record_reading(channel, reading, at)
    service.record_trouble(channel, "Meta was away.")
    assert (channel.quality, channel.read_at, channel.read_error) == ("GREEN", at, "Meta was away.")

"""The demo data: believable, lawful, and the same however often it is sown."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from random import Random

import phonenumbers
import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from app.auth import workspace
from app.campaigns.models import Campaign, Recipient, RecipientState
from app.campaigns.queries import figures
from app.campaigns.service import recount
from app.channels.service import ensure_channel
from app.config import current
from app.customers.models import ConsentEntry, Customer, Sale
from app.extensions import db
from app.messaging.engine import guard
from app.messaging.models import Message, MessageRate
from app.operations.seed import demo, people
from app.shared import clock
from app.shared.errors import Refused
from tests import factories


@pytest.fixture
def sown(app: Flask) -> demo.Harvest:
    channel = ensure_channel(current())
    factories.make_template(channel)
    harvest = demo.sow()
    db.session.commit()
    return harvest


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def counts() -> list[int]:
    return [count(model) for model in (Customer, ConsentEntry, Sale, Campaign, Recipient, Message, MessageRate)]


def test_a_second_sowing_changes_nothing(app: Flask, sown: demo.Harvest) -> None:
    before = counts()
    assert str(demo.sow()) == "The demo data is there already."
    assert counts() == before


def test_its_figures_equal_its_rows(app: Flask, sown: demo.Harvest) -> None:
    assert count(Recipient) == 120
    assert recount.differences() == []


def test_its_funnel_is_believable(app: Flask, sown: demo.Harvest) -> None:
    found = figures.of(db.session.scalars(select(Campaign.id)).one())
    assert found.pending == found.sending == found.unconfirmed == 0
    assert found.total == found.skipped + found.accepted
    assert found.accepted > found.delivered > found.read > found.responded > 0
    assert found.failed == 6


def test_every_time_follows_the_one_before(app: Flask, sown: demo.Harvest) -> None:
    for message in db.session.scalars(select(Message).where(Message.direction == "out")):
        times = [time for time in (message.sent_at, message.delivered_at, message.read_at) if time]
        assert times == sorted(times)
        assert times[-1] < clock.now() - timedelta(hours=24, minutes=10)


def test_a_third_of_them_booked_a_journey_and_some_have_it_ahead(app: Flask, sown: demo.Harvest) -> None:
    buyers = db.session.scalar(select(func.count(func.distinct(Sale.customer_id))))
    assert 0.28 < buyers / count(Customer) < 0.39
    today = clock.now().date()
    starts = db.session.scalars(select(Sale.starts_on)).all()
    assert 20 < sum(day > today for day in starts) < len(starts)
    assert {"Bali", "Goa", "Kerala"} <= set(db.session.scalars(select(Sale.category)))


def test_a_house_that_was_sown_before_there_were_sales_gets_them(app: Flask, sown: demo.Harvest) -> None:
    db.session.execute(delete(Sale))
    assert str(demo.sow()) == f"Demo data: 0 customers, {sown.sales} sales, 0 finished campaign."


def test_it_takes_no_place_under_the_limit(app: Flask, sown: demo.Harvest) -> None:
    portfolio = db.session.scalars(select(Campaign)).one().channel.portfolio_id
    assert guard.usage(portfolio, 200).used == 0


def test_its_consent_follows_from_the_ledger(app: Flask, sown: demo.Harvest) -> None:
    for customer in db.session.scalars(select(Customer)):
        entries = select(ConsentEntry).where(ConsentEntry.customer_id == customer.id).order_by(ConsentEntry.at.desc())
        last = db.session.scalars(entries).first()
        assert customer.marketing_opt_in == (last is not None and last.granted)


def test_it_sent_only_to_those_who_said_yes(app: Flask, sown: demo.Harvest) -> None:
    handed = select(Customer).join(Recipient, Recipient.customer_id == Customer.id)
    for customer in db.session.scalars(handed.where(Recipient.state == RecipientState.HANDED)):
        assert customer.marketing_opt_in
        assert not customer.phone.startswith("+1")


def test_its_numbers_are_possible() -> None:
    phones = [person.phone for person in people.people(Random("people"), clock.now())]
    assert len(set(phones)) == len(phones)
    assert [phone for phone in phones if not phonenumbers.is_valid_number(phonenumbers.parse(phone))] == []


def test_it_makes_the_same_people_each_time() -> None:
    now = clock.now()
    assert people.people(Random("people"), now) == people.people(Random("people"), now)


def test_it_names_the_workspace_but_keeps_a_chosen_name(app: Flask, sown: demo.Harvest) -> None:
    house = workspace.current()
    assert house.name == "Sahyadri Holidays"
    house.name = "Our own"
    demo.sow()
    assert house.name == "Our own"


def test_it_refuses_outside_the_sandbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "bulbul_config", dataclasses.replace(current(), sandbox=False))
    with pytest.raises(Refused, match="sandbox only"):
        demo.sow()
    assert count(Customer) == 0


def test_it_asks_for_a_channel_first(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["seed"])
    assert result.exit_code == 1
    assert "flask channels ensure" in result.output


def test_it_fetches_the_templates_from_meta(app: Flask, sandbox) -> None:
    ensure_channel(current())
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["seed"])
    assert result.exit_code == 0, result.output
    assert "1 finished campaign" in result.output

"""How many, who for example; and what campaigns tell of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.customers.models import Customer
from app.customers.segments import people, reading
from app.customers.segments.conditions import Group
from app.customers.segments.registry import FIELDS
from app.extensions import db
from app.messaging.models import Message, MessageState, Rank
from app.shared import clock
from app.shared.errors import Refused
from tests import factories


def one(field: str, operator: str, value: Any = None, **more: Any) -> Group:
    condition = {"field": field, "operator": operator, "value": value} | more
    return reading.parse({"logic": "AND", "conditions": [condition]})


def test_it_counts_and_shows_five(app: Flask) -> None:
    for city in ["Pune"] * 7 + ["Goa"]:
        factories.make_customer(city=city)
    pune = one("city", "is", "pune")
    assert people.count(pune) == people.look(pune).count == 7
    assert [it.city for it in people.sample(pune)] == ["Pune"] * 5


def test_the_newest_come_first(app: Flask) -> None:
    first, second = (factories.make_customer(city="Pune") for _ in range(2))
    pune = one("city", "is", "Pune")
    assert list(people.look(pune).sample) == db.session.scalars(people.matching(pune)).all() == [second, first]


def test_nobody_is_nobody(app: Flask) -> None:
    assert people.look(one("city", "is", "Atlantis")) == people.Look(0, [])


def test_it_gives_up_on_what_takes_too_long(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = replace(FIELDS["tags"], name="slow", test=lambda *_: func.pg_sleep(5).is_not(None))
    monkeypatch.setitem(FIELDS, "slow", slow)
    monkeypatch.setattr(people, "PATIENCE", timedelta(milliseconds=20))
    asha = factories.make_customer()
    for ask in (people.look, people.count):
        with pytest.raises(Refused, match="too long"):
            ask(one("slow", "has", "vip"))
    db.session.execute(select(func.pg_sleep(0.05)))
    assert db.session.get(Customer, asha.id) is asha


def test_it_knows_who_read_which_campaign_and_when(app: Flask) -> None:
    template = factories.make_template()
    monsoon, winter = (factories.make_campaign(template) for _ in range(2))
    asha, ravi = factories.make_customer(), factories.make_customer()
    _letter(monsoon, asha, rank=Rank.READ, read_at=clock.now() - timedelta(days=3))
    _letter(monsoon, ravi, rank=Rank.DELIVERED)
    read = "campaigns.read"
    assert people.sample(one(read, "did", [str(monsoon.public_id)])) == [asha]
    assert people.sample(one(read, "did_not", "any")) == [ravi]
    assert people.count(one(read, "did", [str(winter.public_id)])) == 0
    assert people.count(one(read, "did", "any", since="2 days")) == 0
    assert people.count(one(read, "did", "any", since="4 days")) == 1
    assert people.count(one("campaigns.got", "did", "any")) == 2


def test_an_attempt_that_was_tried_again_does_not_count(app: Flask) -> None:
    campaign, asha = factories.make_campaign(), factories.make_customer()
    _letter(campaign, asha, rank=Rank.READ, is_superseded=True)
    assert people.count(one("campaigns.read", "did", "any")) == 0


def test_campaigns_are_offered_once_they_were_sent(app: Flask) -> None:
    template = factories.make_template()
    sent = factories.make_campaign(template, name="Sent", status="completed")
    factories.make_campaign(template, name="Draft", status="draft")
    choices = FIELDS["campaigns.read"].choices
    assert choices is not None
    assert choices() == [(str(sent.public_id), "Sent")]


def test_tags_in_use_are_offered(app: Flask) -> None:
    factories.make_customer(tags=["vip", "goa"])
    choices = FIELDS["tags"].choices
    assert choices is not None
    assert choices() == [("goa", "goa"), ("vip", "vip")]


def _letter(campaign: Any, customer: Any, **columns: Any) -> None:
    columns = {"delivered_at": clock.now(), "state": MessageState.ACCEPTED, "type": "template"} | columns
    ids = {"campaign_id": campaign.id, "channel_id": campaign.channel_id, "customer_id": customer.id}
    db.session.add(Message(**ids, **columns))
    db.session.flush()

"""Segments that are kept: made, changed, copied, deleted; and those that come with the product."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.customers.models import Sale
from app.customers.segments import people, reading
from app.customers.segments.models import Segment
from app.customers.segments.ready import READY
from app.customers.service import segments
from app.customers.service.segments import Draft
from app.extensions import db
from app.shared import clock
from app.shared.errors import Invalid, Refused
from tests import factories

QUERY = {"logic": "AND", "conditions": [{"field": "city", "operator": "is", "value": "Pune"}]}


def test_it_keeps_what_was_read(app: Flask, cast: SimpleNamespace) -> None:
    query = {"logic": "AND", "conditions": [{"field": "sales.total", "operator": "at_least", "value": " 50,000 "}]}
    segment = segments.create(Draft(" Best ", query, " Ours "), cast.alice)
    assert (segment.name, segment.description, segment.created_by) == ("Best", "Ours", cast.alice.id)
    assert segment.query["conditions"][0]["value"] == 50000


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft("", QUERY), "name"),
        (Draft("x" * 101, QUERY), "name"),
        (Draft("a\x00", QUERY), "name"),
        (Draft("A", QUERY, "\ud800"), "description"),
        (Draft("A", {}), "query.logic"),
        (Draft("A", {"logic": "AND", "conditions": [{"field": "x"}]}), "query.conditions.0.field"),
    ],
)
def test_it_refuses_what_cannot_be_kept(app: Flask, draft: Draft, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        segments.create(draft, None)
    assert caught.value.field == field


def test_a_name_is_given_once(app: Flask) -> None:
    segments.create(Draft("Pune", QUERY), None)
    with pytest.raises(Invalid) as caught:
        segments.create(Draft("Pune", QUERY), None)
    assert caught.value.field == "name"
    assert len(db.session.scalars(select(Segment)).all()) == 1


def test_it_asks_about_no_campaign_that_never_was(app: Flask) -> None:
    condition = {"field": "campaigns.read", "operator": "did", "value": ["0" * 32]}
    with pytest.raises(Invalid) as caught:
        segments.create(Draft("Readers", {"logic": "AND", "conditions": [condition]}), None)
    assert caught.value.field == "query.conditions.0.value"


def test_it_remembers_how_many_until_its_conditions_change(app: Flask) -> None:
    factories.make_customer(city="Pune")
    segment = segments.create(Draft("Pune", QUERY), None)
    assert (segments.count(segment), segment.counted) == (1, 1)
    segments.change(segment, Draft("Punekars", QUERY))
    assert segment.counted == 1
    segments.change(segment, Draft("Punekars", QUERY | {"logic": "OR"}))
    assert (segment.counted, segment.counted_at) == (None, None)


def test_a_copy_has_a_name_of_its_own(app: Flask, cast: SimpleNamespace) -> None:
    segment = segments.create(Draft("Pune", QUERY), None)
    first, second = segments.copy(segment, cast.mona), segments.copy(segment, cast.mona)
    assert (first.name, second.name) == ("Pune (copy)", "Pune (copy 2)")
    assert first.query == segment.query
    assert first.created_by == cast.mona.id


def test_it_stays_while_something_uses_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    segment = segments.create(Draft("Pune", QUERY), None)
    monkeypatch.setattr(segments, "_uses", {})
    segments.tell_uses("campaigns", lambda it: ["the campaign “Monsoon”"] if it is segment else [])
    with pytest.raises(Refused, match="the campaign “Monsoon”"):
        segments.delete(segment)
    segments.tell_uses("campaigns", lambda it: [])
    segments.delete(segment)
    assert db.session.scalar(select(Segment)) is None


def test_it_comes_with_four_ready_ones(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["segments", "ensure"])
    assert result.output == "Made 4 ready segments.\n"
    assert [it.name for it in db.session.scalars(select(Segment).order_by(Segment.id))] == [it.name for it in READY]
    assert app.test_cli_runner().invoke(args=["segments", "ensure"]).output == "There are segments already.\n"


def test_a_ready_one_that_was_deleted_stays_away(app: Flask) -> None:
    segments.ensure_ready()
    segments.delete(db.session.scalars(select(Segment).limit(1)).one())
    assert segments.ensure_ready() == 0


def test_the_ready_ones_find_whom_they_name(app: Flask) -> None:
    lately, good, dreaming, leaving = (factories.make_customer() for _ in range(4))
    factories.make_customer()
    dreaming.attributes = {"interest": "a week in bali"}
    _sale(lately, days_ago=29)
    _sale(good, amount=Decimal("50000.01"))
    _sale(leaving, starts_in=3)
    assert [people.sample(reading.parse(it.query)) for it in READY] == [[lately], [good], [dreaming], [leaving]]


def _sale(customer: Any, days_ago: int = 300, amount: Decimal = Decimal(50000), starts_in: int = -9) -> None:
    columns = {"customer_id": customer.id, "currency": "INR", "source": "form", "category": "Goa"}
    sold_at, starts_on = clock.now() - timedelta(days=days_ago), clock.now().date() + timedelta(days=starts_in)
    db.session.add(Sale(**columns, amount=amount, sold_at=sold_at, starts_on=starts_on))
    db.session.flush()

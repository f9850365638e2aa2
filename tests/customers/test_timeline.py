"""All that happened with a customer, newest first, page after page."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.campaigns.models import RecipientState
from app.customers import timeline
from app.customers.imports.models import Import, ImportChange
from app.customers.models import ConsentEntry, Customer, CustomerNote
from app.customers.timeline import Place
from app.extensions import db
from app.messaging.models import Direction, Message, MessageState, SkipReason
from app.shared import clock
from tests.factories import login, make_campaign, make_channel, make_customer, make_recipients, make_sale, make_template


@pytest.fixture
def bob(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return login(client, cast.bob)


def titles(page: str) -> list[str]:
    return re.findall(r'<span class="fw-bold">([^<]+)</span>', page)


def full_life(cast: SimpleNamespace) -> Customer:
    """One thing of each kind, a day apart."""
    days = [clock.now() - timedelta(days=n) for n in range(8)]
    import_ = Import(file_key="k", file_name="people.csv", bytes_total=1)
    db.session.add(import_)
    db.session.flush()
    customer = make_customer(name="Asha", created_at=days[7], import_id=import_.id)
    channel = make_channel()
    said = {"channel_id": channel.id, "customer_id": customer.id, "type": "text"}
    db.session.add_all(
        [
            CustomerNote(customer_id=customer.id, body="Loves <windows>", author_id=cast.bob.id, created_at=days[0]),
            Message(**said, direction=Direction.IN, state=MessageState.RECEIVED, body="Is Goa open?", sent_at=days[1]),
            Message(**said, state=MessageState.ACCEPTED, body="It is!", created_at=days[2]),
            ConsentEntry(customer_id=customer.id, granted=False, at=days[3], source="whatsapp", wording="STOP"),
            ImportChange(
                import_id=import_.id, subject="customer", subject_id=customer.id, before={}, changed_at=days[6]
            ),
        ]
    )
    make_sale(customer, sold_at=days[4])
    campaign = make_campaign(make_template(channel), name="Monsoon")
    [recipient] = make_recipients(campaign, 1)
    recipient.customer_id, recipient.created_at = customer.id, days[5]
    recipient.state, recipient.skip_reason = RecipientState.SKIPPED, SkipReason.OPTED_OUT
    db.session.commit()
    return customer


EVERYTHING = [
    "Note",
    "They wrote",
    "We wrote",
    "Said no to marketing",
    "Bought for ₹48,500.00",
    "Campaign “Monsoon”",
    "Changed by the import “people.csv”",
    "Added by the import “people.csv”",
]


def test_everything_stands_there_newest_first(bob: FlaskClient, cast: SimpleNamespace) -> None:
    customer = full_life(cast)

    page = bob.get(f"/customers/{customer.public_id}").text

    assert titles(page) == EVERYTHING
    assert "Loves &lt;windows&gt;" in page
    assert "Wrote on WhatsApp: “STOP”" in page
    assert "Bali · Bali, 6 nights" in page


@pytest.mark.parametrize("size", [1, 2, 3])
def test_its_pages_leave_nothing_out(app: Flask, cast: SimpleNamespace, size: int) -> None:
    customer = full_life(cast)
    with app.test_request_context():
        told, place = [], None
        while True:
            page = timeline.timeline(customer, place, size=size)
            told += [moment.title for _, moment in page.moments]
            if page.end is None:
                break
            place = Place.read(str(page.end))

    assert told == EVERYTHING


def test_what_happened_at_one_moment_is_told_once_each(app: Flask, cast: SimpleNamespace) -> None:
    customer, now = make_customer(created_at=clock.now()), clock.now()
    for _ in range(3):
        make_sale(customer, sold_at=now)
        db.session.add(ConsentEntry(customer_id=customer.id, granted=True, at=now, source="form"))
    db.session.flush()
    with app.test_request_context():
        found, place = [], None
        for _ in range(7):
            page = timeline.timeline(customer, place, size=1)
            found += [(source.name, moment.key) for source, moment in page.moments]
            place = page.end

    assert (len(found), len(set(found)), place) == (7, 7, None)


def test_it_is_narrowed_down_to_one_kind(bob: FlaskClient, cast: SimpleNamespace) -> None:
    customer = full_life(cast)

    assert titles(bob.get(f"/customers/{customer.public_id}?kind=sales").text) == ["Bought for ₹48,500.00"]
    assert titles(bob.get(f"/customers/{customer.public_id}?kind=nonsense").text) == EVERYTHING


def test_the_rest_is_fetched_on_demand(
    bob: FlaskClient, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = full_life(cast)
    place = timeline.Place(clock.now() - timedelta(days=6, hours=1), "origin", 0)

    page = bob.get(f"/customers/{customer.public_id}/timeline", query_string={"until": str(place)}).text

    assert titles(page) == EVERYTHING[-1:]


@pytest.mark.parametrize(
    "until", ["nonsense", "2026-01-01T00:00:00_sales_1", "2026-01-01T00:00:00+00:00_x_99999999999999999999"]
)
def test_a_place_that_is_none_is_the_beginning(bob: FlaskClient, cast: SimpleNamespace, until: str) -> None:
    customer = full_life(cast)

    page = bob.get(f"/customers/{customer.public_id}", query_string={"until": until})

    assert titles(page.text) == EVERYTHING


def test_who_only_looks_is_offered_no_change(client: FlaskClient, cast: SimpleNamespace) -> None:
    customer = full_life(cast)
    login(client, cast.vera)

    page = client.get(f"/customers/{customer.public_id}").text

    assert "Edit this" not in page
    assert "Add note" not in page

"""Review and send: figures that equal the rows, a test that arrives, a start that happens once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from flask import Flask
from rq import Queue
from sqlalchemy import select

from app.auth.models import AuditEntry
from app.campaigns.models import Campaign, CampaignStatus, Recipient, RecipientState, TargetType
from app.campaigns.queries import rehearsal
from app.campaigns.service import dispatch
from app.extensions import db, redis_connection
from app.messaging import pricing
from app.messaging.models import Message, MessageState, SkipReason
from app.shared import clock, queues
from tests import factories
from tests.campaigns.wizards import Browser, at, browser_of, fresh, page, ready
from tests.sandboxes import Sandbox, point_at


@pytest.fixture
def mona(app: Flask, cast: SimpleNamespace) -> Browser:
    return browser_of(app, cast.mona)


def mixed_campaign(**columns: object) -> Campaign:
    """Five may get it; one opted out since, one has no consent, one is in the US, one has no city."""
    mapping = {
        "body.1": {"source": "field", "value": "first_name", "fallback": ""},
        "body.2": {"source": "field", "value": "city", "fallback": ""},
    }
    campaign = ready(people=8, **{"template_variables": mapping} | columns)
    people = db.session.scalars(select(Recipient).order_by(Recipient.position)).all()
    customers = db.session.scalars(select(factories.Customer).order_by(factories.Customer.id)).all()
    customers[0].marketing_opt_in, customers[0].marketing_opt_out_at = False, clock.now()
    customers[1].marketing_opt_in = False
    people[2].phone = customers[2].phone = "+14155550123"
    customers[3].city = "  "
    customers[4].city = None
    db.session.commit()
    return campaign


EXPECTED = {
    SkipReason.OPTED_OUT: 1,
    SkipReason.NO_CONSENT: 1,
    SkipReason.US_MARKETING: 1,
    SkipReason.MISSING_VARIABLE: 2,
}


def test_the_rehearsal_counts_every_reason(app: Flask) -> None:
    judged = rehearsal.rehearse(mixed_campaign())
    assert (judged.eligible, dict(judged.skips)) == (3, EXPECTED)
    assert sum(judged.prefixes.values()) == 3


def test_the_sender_does_what_the_rehearsal_said(app: Flask) -> None:
    campaign = mixed_campaign()
    judged = rehearsal.rehearse(campaign)
    campaign.status = CampaignStatus.SENDING
    db.session.commit()
    claim = dispatch.claim(dispatch.plan_of(campaign, None, "Asia/Kolkata"), 100)
    assert len(claim.outgoing) == judged.eligible
    skipped = db.session.scalars(select(Recipient.skip_reason).where(Recipient.state == RecipientState.SKIPPED)).all()
    assert {reason: skipped.count(reason) for reason in skipped} == dict(judged.skips)


@pytest.mark.parametrize(
    ("rule", "missing"),
    [
        ({"source": "column", "value": "City", "fallback": ""}, 2),
        ({"source": "column", "value": "City", "fallback": "there"}, 0),
        ({"source": "column", "value": "Nothing", "fallback": " "}, 4),
        ({"source": "field", "value": "first_name", "fallback": ""}, 1),
        ({"source": "text", "value": "Goa", "fallback": ""}, 0),
        ({"source": "text", "value": "to {{City}}", "fallback": ""}, 0),
        ({"source": "text", "value": "{{City}}", "fallback": ""}, 2),
        ({"source": "text", "value": "{{City}}", "fallback": "there"}, 0),
    ],
)
def test_gaps_found_by_the_database_are_those_found_by_filling(app: Flask, rule: dict[str, str], missing: int) -> None:
    template = factories.make_template(body="Fly {{1}}")
    campaign = factories.make_campaign(template, template_variables={"body.1": rule}, target_type=TargetType.IMPORTED)
    people = factories.make_recipients(campaign, 4)
    for person, city in zip(people, ("Goa", "", " \t", "Pune"), strict=True):
        person.variables = {"City": city}
    people[3].name = None
    db.session.commit()
    judged = rehearsal.rehearse(campaign)
    filled = [rehearsal.preview(campaign, campaign.template_variables, after=place) for place in range(4)]
    assert judged.skips.get(SkipReason.MISSING_VARIABLE, 0) == missing == sum(bool(one.missing) for one in filled)


def test_media_wants_an_address(app: Flask) -> None:
    components = [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Hello"}]
    rule = {"header.media": {"source": "column", "value": "Picture", "fallback": ""}}
    campaign = factories.make_campaign(
        factories.make_template(components=components), template_variables=rule, target_type=TargetType.IMPORTED
    )
    people = factories.make_recipients(campaign, 4)
    for person, address in zip(people, ("https://e.in/a.jpg", "HTTPS://e.in/a", "12345", "http://e.in/a"), strict=True):
        person.variables = {"Picture": address}
    db.session.commit()
    assert rehearsal.rehearse(campaign).skips == {SkipReason.MISSING_VARIABLE: 1}


def test_the_review_shows_the_figures(mona: Browser) -> None:
    pricing.set_rate("IN", "marketing", "INR", Decimal("0.8631"), date(2026, 10, 1))
    shown = mona.get(at(mixed_campaign(), "review")).text
    for words in ("3 people would be written to.", "Opted out of marketing messages.", "+1 numbers", "₹2.59", "7,600"):
        assert words in shown


def test_a_market_without_a_rate_says_so(mona: Browser) -> None:
    shown = mona.get(at(mixed_campaign(), "review")).text
    assert "no rate" in shown
    assert "3 messages have no rate" in shown


def test_the_newest_rate_that_holds_counts_and_others_fall_back(app: Flask) -> None:
    pricing.set_rate("IN", "marketing", "INR", Decimal("0.80"), date(2026, 7, 1))
    pricing.set_rate("IN", "marketing", "INR", Decimal("0.90"), date(2026, 10, 1))
    pricing.set_rate("IN", "marketing", "INR", Decimal("9.99"), date(2027, 1, 1))
    pricing.set_rate("*", "marketing", "INR", Decimal("5.00"), date(2026, 7, 1))
    told = pricing.estimate({"+919": 10, "+918": 5, "+141": 2, "": 1}, "MARKETING", "INR", date(2026, 11, 21))
    assert [(line.market, line.messages, line.amount) for line in told.lines] == [
        ("IN", 15, Decimal("13.50")),
        ("US", 2, Decimal("10.00")),
        ("", 1, Decimal("5.00")),
    ]


def test_a_template_no_longer_approved_leads_back(mona: Browser) -> None:
    campaign = ready()
    campaign.template.status = "PAUSED"
    db.session.commit()
    assert mona.get(at(campaign, "review")).headers["Location"] == at(campaign, "template")


def test_nobody_to_write_to_forbids_the_start(mona: Browser) -> None:
    campaign = ready(people=1)
    campaign.import_ = None
    db.session.scalars(select(factories.Customer)).one().marketing_opt_in = False
    db.session.commit()
    assert "Nobody would be written to." in mona.get(at(campaign, "review")).text
    assert mona.post(at(campaign, "send")).headers["Location"] == at(campaign, "review")
    assert fresh(campaign).status is CampaignStatus.READY


def test_a_test_goes_to_ones_own_phone(mona: Browser, sandbox: Sandbox) -> None:
    campaign = ready()
    answer = mona.post(page(campaign, "/test"), phone="098765 43210")
    assert answer.headers["Location"] == at(campaign, "review")
    assert "The test is on its way to +91 98765 43210" in mona.get(at(campaign, "review")).text
    (sent,) = sandbox.control("GET", "messages")["messages"]
    assert sent["to"].lstrip("+") == "919876543210"
    message = db.session.scalars(select(Message)).one()
    assert (message.state, message.campaign_id) == (MessageState.ACCEPTED, None)


@pytest.mark.parametrize("phone", ["", "12", "hello", "9" * 100])
def test_a_test_wants_a_phone(mona: Browser, phone: str) -> None:
    assert mona.post(page(ready(people=1), "/test"), phone=phone).status_code == 422
    assert db.session.scalars(select(Message)).all() == []


def test_a_test_that_fails_says_why(mona: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    point_at(app, "http://127.0.0.1:9", monkeypatch)
    campaign = ready(people=1)
    mona.post(page(campaign, "/test"), phone="9876543210")
    assert "failed. Meta could not be reached" in mona.get(at(campaign, "review")).text


def test_sending_starts_rings_and_is_written_down(mona: Browser) -> None:
    campaign = ready()
    answer = mona.post(at(campaign, "send"))
    assert answer.headers["Location"] == page(campaign)
    assert fresh(campaign).status is CampaignStatus.SENDING
    assert Queue(queues.SENDS, connection=redis_connection()).count == 1
    assert db.session.scalars(select(AuditEntry.action)).all().count("campaign.start") == 1


def test_pressed_again_it_has_one_effect(mona: Browser) -> None:
    campaign = ready()
    first, second = mona.post(at(campaign, "send")), mona.post(at(campaign, "send"))
    assert first.headers["Location"] == second.headers["Location"] == page(campaign)
    assert "this campaign is sending already" in mona.get(page(campaign)).text
    assert Queue(queues.SENDS, connection=redis_connection()).count == 1


def test_pressed_at_once_it_has_one_effect(app: Flask, cast: SimpleNamespace) -> None:
    campaign = ready()
    browsers = [browser_of(app, cast.mona), browser_of(app, cast.alice)]
    path = at(campaign, "send")
    with ThreadPoolExecutor(2) as pool:
        answers = [answer.result() for answer in [pool.submit(browser.post, path) for browser in browsers]]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert db.session.scalars(select(AuditEntry.action)).all().count("campaign.start") == 1


def test_a_planned_campaign_is_scheduled(mona: Browser) -> None:
    campaign = ready(scheduled_for=clock.now() + timedelta(hours=3))
    mona.post(at(campaign, "send"))
    assert fresh(campaign).status is CampaignStatus.SCHEDULED
    mona.post(page(campaign, "/unschedule"))
    assert (fresh(campaign).status, campaign.scheduled_for) == (CampaignStatus.READY, None)


def test_a_time_that_passed_meanwhile_is_chosen_anew(mona: Browser) -> None:
    campaign = ready(scheduled_for=clock.now() - timedelta(minutes=1))
    assert mona.post(at(campaign, "send")).headers["Location"] == at(campaign, "schedule")
    assert fresh(campaign).status is CampaignStatus.READY


@pytest.mark.parametrize(("typed", "status"), [("", 422), ("500", 422), ("501", 302), ("5,01", 302), ("five", 422)])
def test_above_five_hundred_one_types_the_count(mona: Browser, typed: str, status: int) -> None:
    campaign = factories.make_campaign(target_type=TargetType.IMPORTED)
    factories.make_recipients(campaign, 501)
    db.session.commit()
    assert mona.post(at(campaign, "send"), count=typed).status_code == status
    assert fresh(campaign).status is (CampaignStatus.SENDING if status == 302 else CampaignStatus.READY)


@pytest.mark.parametrize("who", ["bob", "vera"])
def test_agents_and_viewers_send_nothing(app: Flask, cast: SimpleNamespace, who: str) -> None:
    campaign, browser = ready(people=1), browser_of(app, getattr(cast, who))
    for path in (at(campaign, "send"), page(campaign, "/test")):
        assert browser.post(path, phone="9876543210").status_code == 403
    assert fresh(campaign).status is CampaignStatus.READY

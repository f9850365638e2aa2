"""The list, the campaign's page, its live part, its people, and the deeds."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from app.auth.models import AuditEntry
from app.campaigns.models import Campaign, CampaignStatus, PauseReason, Recipient
from app.campaigns.queries import figures, people
from app.extensions import db
from app.messaging.models import Message, MessageRate, MessageState
from app.shared import clock
from tests.campaigns.test_figures import colourful_campaign
from tests.campaigns.wizards import Browser, at, browser_of, draft, fresh, page, ready


@pytest.fixture
def mona(app: Flask, cast: SimpleNamespace) -> Browser:
    return browser_of(app, cast.mona)


@pytest.fixture
def vera(app: Flask, cast: SimpleNamespace) -> Browser:
    return browser_of(app, cast.vera)


def test_an_empty_list_says_what_to_do(mona: Browser, vera: Browser) -> None:
    assert 'href="/campaigns/new"' in mona.get("/campaigns").text
    assert "No campaigns yet" in vera.get("/campaigns").text
    assert 'href="/campaigns/new"' not in vera.get("/campaigns").text


def test_the_list_has_tabs_with_counts_and_words(vera: Browser) -> None:
    campaign = colourful_campaign()
    draft(name="Winter", template=campaign.template)
    shown = vera.get("/campaigns").text
    assert re.search(r"Running <span[^>]*>1<", shown)
    assert re.search(r"All <span[^>]*>2<", shown)
    assert "Winter" not in vera.get("/campaigns?status=running").text
    assert "Monsoon" not in vera.get("/campaigns?search=winter").text
    assert "Winter" in vera.get("/campaigns?search=monsoon+offer").text


@pytest.mark.parametrize("query", ["page=0", "page=x", "status=%00", "search=%00%25", "status=nonsense", "page=99"])
def test_the_list_bears_odd_addresses(vera: Browser, query: str) -> None:
    colourful_campaign()
    assert vera.get(f"/campaigns?{query}").status_code == 200


def test_the_list_polls_only_while_something_runs(vera: Browser) -> None:
    campaign = colourful_campaign()
    rows = vera.get("/campaigns", headers={"HX-Request": "true"}).text
    assert "every 2s" in rows
    assert "<html" not in rows
    campaign.status = CampaignStatus.COMPLETED
    db.session.commit()
    assert "every 2s" not in vera.get("/campaigns").text


def test_a_scheduled_row_says_in_how_long(vera: Browser) -> None:
    draft(status=CampaignStatus.SCHEDULED, scheduled_for=clock.now() + timedelta(hours=3, minutes=5))
    assert "in 3 hours" in vera.get("/campaigns").text


def test_every_number_leads_to_its_people(vera: Browser) -> None:
    campaign = colourful_campaign()
    shown = vera.get(page(campaign)).text
    for status in people.BEHIND:
        assert f"/people?status={status}" in shown
        listed = vera.get(page(campaign, f"/people?status={status}")).text
        now = figures.of(campaign.id)
        number = now.accepted if status == "sent" else getattr(now, status)
        assert len(re.findall(r"<tr>\s*<td", listed)) == number


def test_the_people_of_a_reason(vera: Browser) -> None:
    campaign = colourful_campaign()
    listed = vera.get(page(campaign, "/people?status=skipped&reason=opted_out")).text
    assert len(re.findall(r"<tr>\s*<td", listed)) == 1
    assert "Opted out of marketing messages." in listed


@pytest.mark.parametrize(
    "query", ["status=x", "reason=%00", "status=failed&reason=99999999999999", "search=%00", "page=-1"]
)
def test_people_bear_odd_addresses(vera: Browser, query: str) -> None:
    assert vera.get(page(colourful_campaign(), f"/people?{query}")).status_code == 200


def test_people_are_found_by_part_of_their_number(vera: Browser) -> None:
    listed = vera.get(page(colourful_campaign(), "/people?search=98000+00003")).text
    assert len(re.findall(r"<tr>\s*<td", listed)) == 1


def test_people_come_as_csv(vera: Browser) -> None:
    answer = vera.get(page(colourful_campaign(), "/people.csv?status=failed"))
    lines = answer.text.splitlines()
    assert len(lines) == 3
    assert lines[1].startswith("+919800000006,P5,failed,")
    assert "attachment" in answer.headers["Content-Disposition"]


def test_unconfirmed_is_explained(vera: Browser) -> None:
    campaign = colourful_campaign()
    assert "never sent again by itself" in vera.get(page(campaign, "/people?status=unconfirmed")).text
    waiting = db.session.scalars(select(Message).where(Message.state == MessageState.UNCONFIRMED)).one()
    waiting.created_at = clock.now() - timedelta(minutes=16)
    db.session.commit()
    assert "1 message is unconfirmed for more than 15 minutes" in vera.get(page(campaign)).text


def test_the_live_part_polls_until_it_rests(vera: Browser) -> None:
    campaign = colourful_campaign()
    assert "every 2s" in vera.get(page(campaign, "/live")).text
    campaign.status = CampaignStatus.COMPLETED
    db.session.commit()
    assert "every 10s" in vera.get(page(campaign, "/live")).text  # one is in doubt, and not for long yet
    in_doubt = db.session.scalars(select(Message).where(Message.state == MessageState.UNCONFIRMED)).one()
    in_doubt.created_at = clock.now() - timedelta(minutes=16)
    db.session.commit()
    live = vera.get(page(campaign, "/live")).text
    assert "every 2s" not in live
    assert 'hx-trigger="load"' in live
    assert 'trigger="every' not in live
    assert "hx-trigger" not in vera.get(page(campaign, "/reasons")).text


def test_it_looks_again_while_the_last_statuses_come_in(vera: Browser) -> None:
    campaign = draft(status=CampaignStatus.COMPLETED, completed_at=clock.now())
    assert "every 10s" in vera.get(page(campaign, "/live")).text
    campaign.completed_at = clock.now() - timedelta(minutes=11)
    db.session.commit()
    assert 'trigger="every' not in vera.get(page(campaign, "/live")).text


def test_a_pause_is_explained_with_its_end(vera: Browser) -> None:
    soon = clock.now() + timedelta(hours=2, minutes=1)
    campaign = draft(status=CampaignStatus.PAUSED, pause_reason=PauseReason.MESSAGING_LIMIT, resumes_at=soon)
    shown = vera.get(page(campaign)).text
    assert "The messaging limit of 24 hours is used up." in shown
    assert "in 2 hours" in shown


def test_failures_are_told_in_plain_words(vera: Browser) -> None:
    shown = vera.get(page(colourful_campaign())).text
    assert "Why messages failed" in shown
    assert "status=failed&amp;reason=131026" in shown


@pytest.mark.parametrize(
    ("status", "offered", "withheld"),
    [
        ("draft", ["Continue", "Delete"], ["Pause", "Cancel this"]),
        ("ready", ["Continue", "Delete", "Duplicate"], ["Pause"]),
        ("scheduled", ["Unschedule", "Cancel this", "Duplicate"], ["Delete", "Continue"]),
        ("sending", ["Pause", "Cancel this", "Duplicate"], ["Resume", "Delete"]),
        ("paused", ["Resume", "Cancel this"], ["Pause", "Delete"]),
        ("completed", ["Duplicate"], ["Pause", "Cancel this", "Delete"]),
    ],
)
def test_only_what_the_state_allows_is_offered(
    mona: Browser, status: str, offered: list[str], withheld: list[str]
) -> None:
    live = mona.get(page(draft(status=status, scheduled_for=clock.now()), "/live")).text
    labels = re.sub(r"<svg.*?</svg>|[“”]", "", live, flags=re.S)
    for word in offered:
        assert re.search(rf"\b{word}\b", labels), word
    for word in withheld:
        assert not re.search(rf'(>|")\s*{word}\b', labels), word


def test_a_viewer_is_offered_nothing(vera: Browser) -> None:
    assert "<form" not in vera.get(page(colourful_campaign(), "/live")).text


@pytest.mark.parametrize(
    ("start", "deed", "end"),
    [
        ("sending", "pause", "paused"),
        ("paused", "resume", "sending"),
        ("sending", "cancel", "cancelled"),
        ("scheduled", "unschedule", "ready"),
    ],
)
def test_a_deed_is_done_and_written_down(mona: Browser, start: str, deed: str, end: str) -> None:
    campaign = draft(status=start)
    assert mona.post(page(campaign, f"/{deed}")).headers["Location"] == page(campaign)
    assert fresh(campaign).status == end
    assert db.session.scalars(select(AuditEntry.action)).all()[-1] == f"campaign.{deed}"


@pytest.mark.parametrize(("status", "deed"), [("draft", "pause"), ("completed", "resume"), ("completed", "cancel")])
def test_a_deed_out_of_place_gets_a_sentence(mona: Browser, status: str, deed: str) -> None:
    campaign = draft(status=status)
    mona.post(page(campaign, f"/{deed}"))
    assert fresh(campaign).status == status
    assert f"This campaign is {status}" in mona.get(page(campaign)).text


@pytest.mark.parametrize("who", ["bob", "vera"])
@pytest.mark.parametrize("deed", ["pause", "resume", "cancel", "unschedule", "duplicate", "delete"])
def test_agents_and_viewers_do_nothing(app: Flask, cast: SimpleNamespace, who: str, deed: str) -> None:
    campaign = draft(status="sending")
    assert browser_of(app, getattr(cast, who)).post(page(campaign, f"/{deed}")).status_code == 403
    assert fresh(campaign).status == "sending"


def test_a_copy_starts_without_recipients(mona: Browser) -> None:
    campaign = ready(people=2)
    answer = mona.post(page(campaign, "/duplicate"))
    copy = db.session.scalars(select(Campaign).order_by(Campaign.id.desc())).first()
    assert (copy.name, copy.status, copy.template_id) == ("Monsoon (copy)", CampaignStatus.DRAFT, campaign.template_id)
    assert answer.headers["Location"] == at(copy, "name")
    assert figures.of(copy.id).total == 0


def test_a_draft_is_deleted_with_its_recipients(mona: Browser) -> None:
    campaign = ready(people=2)
    assert mona.post(page(campaign, "/delete")).headers["Location"] == "/campaigns"
    assert db.session.scalars(select(Recipient)).all() == []


def test_what_was_sent_is_not_deleted(mona: Browser) -> None:
    campaign = colourful_campaign()
    mona.post(page(campaign, "/delete"))
    assert fresh(campaign).name == "Monsoon"


def test_strangers_log_in_first(app: Flask) -> None:
    campaign, stranger = draft(), app.test_client()
    for path in ("/campaigns", page(campaign), page(campaign, "/people"), at(campaign, "name"), "/settings/rates"):
        assert "/login" in stranger.get(path).headers["Location"]


def test_an_owner_enters_and_removes_a_rate(app: Flask, cast: SimpleNamespace) -> None:
    alice = browser_of(app, cast.alice)
    form = {"market": "AE", "category": "utility", "currency": "usd", "effective_on": "2026-10-01"}
    alice.post("/settings/rates", **form, amount="0.0157")
    alice.post("/settings/rates", **form, amount="0.0160")
    rate = db.session.scalars(select(MessageRate)).one()
    assert (rate.currency, str(rate.amount)) == ("USD", "0.0160")
    assert "United Arab Emirates" in alice.get("/settings/rates").text
    alice.post(f"/settings/rates/{rate.id}/delete")
    db.session.expire_all()
    assert db.session.scalars(select(MessageRate)).all() == []


@pytest.mark.parametrize(
    "change", [{"amount": "-1"}, {"amount": "much"}, {"currency": "XQX"}, {"market": "Goa"}, {"effective_on": "soon"}]
)
def test_a_rate_that_cannot_be_is_refused(app: Flask, cast: SimpleNamespace, change: dict[str, str]) -> None:
    form = {"market": "IN", "category": "utility", "currency": "INR", "amount": "1", "effective_on": "2026-10-01"}
    assert browser_of(app, cast.alice).post("/settings/rates", **form | change).status_code == 422


def test_only_owners_change_rates(mona: Browser) -> None:
    assert mona.get("/settings/rates").status_code == 200
    assert mona.post("/settings/rates", market="IN").status_code == 403

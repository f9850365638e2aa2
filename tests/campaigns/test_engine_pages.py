"""What the engine does, waits for and could not do, as the campaign's pages say it."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from app.campaigns import words
from app.campaigns.models import Campaign, CampaignStatus, PauseReason, Recipient, RecipientState
from app.campaigns.queries import waits
from app.channels import alerts, changes
from app.channels.models import Severity
from app.extensions import db
from app.message_templates.events import STATUS_ALERT
from app.messaging.models import Message, MessageState, Rank, SkipReason, WaitReason
from app.shared import clock
from tests import factories
from tests.campaigns.wizards import Browser, browser_of, draft, page


@pytest.fixture
def mona(app: Flask, cast: SimpleNamespace) -> Browser:
    return browser_of(app, cast.mona)


@pytest.fixture
def vera(app: Flask, cast: SimpleNamespace) -> Browser:
    return browser_of(app, cast.vera)


def read(browser: Browser, path: str) -> str:
    """The page's words, as one line."""
    shown = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", browser.get(path).text, flags=re.S)
    return re.sub(r"\s+([.,;)])", r"\1", " ".join(html.unescape(shown).split()))


def stopped(reason: PauseReason, recipients: int = 3, **columns: Any) -> Campaign:
    """A campaign that paused itself with so many people left."""
    campaign = factories.make_campaign(status=CampaignStatus.PAUSED, pause_reason=reason, **columns)
    factories.make_recipients(campaign, recipients)
    db.session.commit()
    return campaign


def waiting(reason: WaitReason, number: int, campaign: Campaign | None = None, minutes: int = 61) -> Campaign:
    """So many recipients of a campaign that is being sent, put off for this reason, the first for so long."""
    campaign = campaign or factories.make_campaign(status=CampaignStatus.SENDING, started_at=clock.now())
    first = 919800000001 + 1000 * list(WaitReason).index(reason)
    for place, recipient in enumerate(factories.make_recipients(campaign, number, first)):
        recipient.waits_for = reason
        recipient.due_at = clock.now() + timedelta(minutes=minutes + place)
    db.session.commit()
    return campaign


def tried(recipient: Recipient, code: int | None, state: MessageState = MessageState.FAILED, **columns: Any) -> Message:
    """An attempt of this recipient, the latest so far."""
    campaign = db.session.get_one(Campaign, recipient.campaign_id)
    if recipient.message_id:
        db.session.get_one(Message, recipient.message_id).is_superseded = True
    message = Message(
        channel_id=campaign.channel_id,
        campaign_id=campaign.id,
        recipient_id=recipient.id,
        phone=recipient.phone,
        type="template",
        state=state,
        rank=Rank.FAILED if state is MessageState.FAILED else Rank.NONE,
        error_code=code,
        **columns,
    )
    db.session.add(message)
    db.session.flush()
    recipient.message_id, recipient.state = message.id, RecipientState.HANDED
    db.session.commit()
    return message


def test_every_reason_has_its_words() -> None:
    assert set(words.SKIPS) == set(SkipReason)
    assert set(words.WAITS) == set(WaitReason)
    assert set(words.PAUSES) == set(words.PAUSED) == set(PauseReason)
    said = [*words.SKIPS.values(), *words.WAITS.values(), *words.PAUSES.values()]
    assert all(reason.sentence and reason.hint for reason in said)


def test_it_says_how_many_wait_for_what_and_since_when_the_first_is_due(vera: Browser) -> None:
    campaign = waiting(WaitReason.RETRY, 3, waiting(WaitReason.CAP, 2, minutes=24 * 60 + 1), minutes=61)
    shown = read(vera, page(campaign))
    assert "5 people wait; the first are due in 1 hour" in shown
    assert "An attempt failed and is made again. The first are due in 1 hour" in shown
    assert "They got as much marketing as one may get within a week. The first are due in 1 day" in shown
    assert "status=waiting&amp;reason=retry" in vera.get(page(campaign, "/reasons")).text


def test_who_waits_for_one_thing_is_a_list_of_them(vera: Browser) -> None:
    campaign = waiting(WaitReason.RETRY, 3, waiting(WaitReason.CAP, 2))
    listed = vera.get(page(campaign, "/people?status=waiting&reason=cap"))
    assert len(re.findall(r"<tr>\s*<td", listed.text)) == 2
    assert "They got as much marketing as one may get within a week. Due in 1 hour" in read(
        vera, page(campaign, "/people?status=waiting&reason=cap")
    )


def test_who_is_due_already_waits_for_nothing_any_more(vera: Browser) -> None:
    campaign = waiting(WaitReason.PAIR, 1, minutes=-1)
    assert waits.next_due(campaign) is None
    assert "1 person waits." in read(vera, page(campaign, "/live"))


def test_a_closed_window_says_when_it_opens(vera: Browser) -> None:
    opens = clock.now() + timedelta(hours=9, minutes=1)
    campaign = stopped(PauseReason.SEND_WINDOW, 0, resumes_at=opens, window_opens=time(9), window_closes=time(21))
    waiting(WaitReason.WINDOW, 4, campaign, minutes=9 * 60 + 1)
    shown = read(vera, page(campaign))
    assert "Everybody who is left lives where messages may not be sent now." in shown
    assert "It goes on by itself in 9 hours" in shown
    assert "4 people wait; the first are due in 9 hours" in shown
    assert "Between 09:00 and 21:00, in each customer’s own time zone" in shown


def test_a_time_that_has_come_is_not_told_as_past(vera: Browser) -> None:
    campaign = stopped(PauseReason.MESSAGING_LIMIT, resumes_at=clock.now() - timedelta(minutes=2))
    shown = read(vera, page(campaign, "/live"))
    assert "It goes on by itself as soon as places are free again." in shown
    assert "2 minutes ago" not in shown


def test_a_refused_token_is_told_with_what_to_do(vera: Browser) -> None:
    campaign = stopped(PauseReason.ACCOUNT_BLOCKED)
    title, advice = "Meta refused to send: The access token is no longer valid.", "Store a new one."
    alerts.raise_alert(campaign.channel, changes.REFUSED, "", Severity.CRITICAL, title, advice, clock.now())
    db.session.commit()
    shown = read(vera, page(campaign, "/live"))
    assert f"{title} {advice} See the channel" in shown
    assert "goes on by itself as soon as a reading from Meta says that all is well" in shown


def test_a_stopped_template_is_told_by_its_own_alert(vera: Browser) -> None:
    campaign = stopped(PauseReason.TEMPLATE_PAUSED)
    assert campaign.template is not None
    for subject, title in ((str(campaign.template.public_id), "Meta paused it."), ("another", "Meta paused another.")):
        alerts.raise_alert(campaign.channel, STATUS_ALERT, subject, Severity.WARNING, title, "Wait.", clock.now())
    db.session.commit()
    shown = read(vera, page(campaign, "/live"))
    assert "Meta paused it. Wait. See the template" in shown
    assert "Meta paused another." not in shown


def test_all_that_stands_in_its_way_is_told_whatever_paused_it(vera: Browser) -> None:
    campaign = stopped(PauseReason.TEMPLATE_PAUSED)
    alerts.raise_alert(campaign.channel, changes.REFUSED, "", Severity.CRITICAL, "No token.", "", clock.now())
    db.session.commit()
    assert "No token." in read(vera, page(campaign, "/live"))


def test_too_many_errors_say_which_and_offer_to_resume(mona: Browser) -> None:
    campaign = stopped(PauseReason.TOO_MANY_ERRORS, 7)
    recipients = db.session.query(Recipient).order_by(Recipient.position).all()
    for recipient, code in zip(recipients, (132000, 132000, 132000, 131026), strict=False):
        tried(recipient, code)
    tried(recipients[4], None, MessageState.ACCEPTED)
    tried(recipients[5], None, MessageState.SENDING)
    shown = read(mona, page(campaign, "/live"))
    assert "4 of the last 5 messages failed." in shown
    assert "3 × The number of values differs from the template's variables." in shown
    assert shown.index("3 × The number") < shown.index("1 × This phone cannot get") < shown.rindex("Resume")


def test_a_missed_start_asks(mona: Browser, vera: Browser) -> None:
    campaign = draft(status=CampaignStatus.READY, failure="Its time passed while nobody was there to send it.")
    shown = read(mona, page(campaign))
    assert "Its time passed while nobody was there to send it. Review and send now Choose another time" in shown
    assert "Choose another time" not in read(vera, page(campaign))
    assert "its time was missed" in read(vera, "/campaigns")


def test_the_list_says_what_holds_a_campaign_up(vera: Browser) -> None:
    stopped(PauseReason.TOO_MANY_ERRORS)
    waiting(WaitReason.CAP, 2, factories.make_campaign(db.session.query(Campaign).one().template, status="sending"))
    shown = read(vera, "/campaigns")
    assert "Paused too many errors" in shown
    assert "Sending 2 wait" in shown
    assert "Paused, too many errors" in read(vera, "/")


def test_a_series_and_what_belongs_to_it_know_each_other(vera: Browser) -> None:
    rule = {"every": "day", "at": "10:00", "starts_on": "2026-01-01", "interval": 1}
    rule |= {"weekdays": [], "monthdays": [], "until": None, "times": None}
    series = draft(name="Every morning", status=CampaignStatus.SCHEDULED, recurrence=rule)
    child = factories.make_campaign(series.template, name="This one", parent_id=series.id, occurrence_at=clock.now())
    db.session.commit()
    shown = vera.get(page(child)).text
    assert f'href="{page(series)}"' in shown
    assert "Of a series" in shown
    assert "Repeats" in vera.get("/campaigns").text


def test_each_attempt_of_a_person_is_told(vera: Browser) -> None:
    campaign = factories.make_campaign(status=CampaignStatus.COMPLETED)
    (recipient,) = factories.make_recipients(campaign, 1)
    tried(recipient, 131049, failed_at=clock.now() - timedelta(days=2))
    tried(recipient, None, MessageState.UNCONFIRMED)
    tried(recipient, None, MessageState.ACCEPTED, sent_at=clock.now())
    shown = read(vera, page(campaign, f"/people/{recipient.id}"))
    told = ["1. just now", "this customer got much marketing lately", "Meta’s code 131049", "2. just now"]
    places = [shown.find(words) for words in [*told, "Nobody knows whether Meta has it.", "3. just now"]]
    assert places == sorted(places)
    assert -1 not in places


def test_a_person_of_another_campaign_is_not_found_here(vera: Browser) -> None:
    campaign = factories.make_campaign()
    (stranger,) = factories.make_recipients(factories.make_campaign(campaign.template), 1)
    db.session.commit()
    assert vera.get(page(campaign, f"/people/{stranger.id}")).status_code == 404
    assert vera.get(page(campaign, f"/people/{10**30}")).status_code == 404


def test_who_is_tried_again_says_why_and_until_when(vera: Browser) -> None:
    campaign = waiting(WaitReason.RETRY, 1)
    recipient = db.session.query(Recipient).one()
    tried(recipient, 131000).is_superseded = True
    recipient.state = RecipientState.PENDING
    db.session.commit()
    shown = read(vera, page(campaign, f"/people/{recipient.id}"))
    assert "An attempt failed and is made again. Meta failed for a reason it does not tell. Due in 1 hour" in shown
    assert "Another attempt follows." in shown


def test_the_csv_has_every_attempt(vera: Browser) -> None:
    campaign = waiting(WaitReason.RETRY, 1, minutes=30)
    recipient = db.session.query(Recipient).one()
    moment = clock.now().replace(microsecond=0)
    tried(recipient, 131000, failed_at=moment)
    tried(recipient, 131026, failed_at=moment)
    (row,) = csv.DictReader(io.StringIO(vera.get(page(campaign, "/people.csv")).text))
    assert (row["Status"], row["Error code"], row["Attempts"], row["Waits until"]) == ("failed", "131026", "2", "")
    assert row["Earlier attempts"] == f"{moment.isoformat()} 131000 Meta failed for a reason it does not tell."

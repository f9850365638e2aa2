"""Whom a campaign goes to: a segment, earlier recipients; asked anew at the start, each exclusion with its number."""

from __future__ import annotations

from datetime import date, time, timedelta
from threading import Thread
from time import sleep
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from app.campaigns.jobs.populate import populate
from app.campaigns.models import Campaign, CampaignStatus, Recipient, RecipientState, TargetType
from app.campaigns.queries import audience, reach, rehearsal, targets
from app.campaigns.queries.reach import Reach
from app.campaigns.recurrence import Rule
from app.campaigns.service import drafts, lifecycle, recurrences
from app.customers.models import Customer
from app.customers.segments.models import Segment
from app.customers.service import segments, suppression
from app.customers.service.segments import Draft
from app.extensions import db
from app.messaging.models import Message, MessageState, Rank
from app.operations import tick
from app.shared import clock
from app.shared.errors import Invalid, Refused
from tests import factories
from tests.campaigns.lists import upload
from tests.campaigns.wizards import Browser, at, browser_of, draft, fresh, page

PUNE = {"logic": "AND", "conditions": [{"field": "city", "operator": "is", "value": "Pune"}]}
GOA = {"logic": "AND", "conditions": [{"field": "city", "operator": "is", "value": "Goa"}]}
FILLED = {"body.1": {"source": "text", "value": "you"}, "body.2": {"source": "text", "value": "Goa"}}


@pytest.fixture
def mona(app: Flask, cast: SimpleNamespace) -> Browser:
    return browser_of(app, cast.mona)


def kept(query: dict[str, Any] = PUNE, name: str = "Punekars") -> Segment:
    segment = segments.create(Draft(name, query), None)
    db.session.commit()
    return segment


def to(segment: Segment, **columns: Any) -> Campaign:
    query = {"segment": str(segment.public_id), "name": segment.name}
    columns = {"status": CampaignStatus.POPULATING, "template_variables": FILLED} | columns
    campaign = factories.make_campaign(target_type=TargetType.SEGMENT, segment_query=query, **columns)
    db.session.commit()
    return campaign


def frozen_long_ago(campaign: Campaign) -> None:
    then = clock.now() - timedelta(hours=1)
    db.session.execute(update(Recipient).where(Recipient.campaign_id == campaign.id).values(created_at=then))
    db.session.commit()


def people(campaign: Campaign) -> list[int | None]:
    rows = select(Recipient.customer_id).where(Recipient.campaign_id == campaign.id).order_by(Recipient.position)
    return list(db.session.scalars(rows))


def test_a_segments_people_come_with_the_reason_why_not(app: Flask) -> None:
    asha = factories.make_customer()
    gone = factories.make_customer(marketing_opt_in=False, marketing_opt_out_at=clock.now())
    unasked = factories.make_customer(marketing_opt_in=False, marketing_opt_in_at=None)
    banned = factories.make_customer(marketing_opt_in=False, marketing_opt_in_at=None)
    suppression.suppress([banned.phone or ""], suppression.BY_HAND)
    factories.make_customer(city="Goa")
    campaign = to(kept())
    populate(campaign.id)
    rows = db.session.scalars(select(Recipient).order_by(Recipient.position))
    assert [(row.customer_id, row.state, row.skip_reason) for row in rows] == [
        (asha.id, RecipientState.PENDING, None),
        (gone.id, RecipientState.SKIPPED, "opted_out"),
        (unasked.id, RecipientState.SKIPPED, "no_consent"),
        (banned.id, RecipientState.SKIPPED, "suppressed"),
    ]


def test_a_utility_message_needs_no_opt_in(app: Flask) -> None:
    factories.make_customer(marketing_opt_in=False, marketing_opt_in_at=None)
    campaign = to(kept(), template=factories.make_template(category="UTILITY"))
    populate(campaign.id)
    assert db.session.scalars(select(Recipient.state)).all() == [RecipientState.PENDING]


def test_conditions_of_its_own_find_people_too(app: Flask) -> None:
    asha = factories.make_customer()
    factories.make_customer(city="Goa")
    campaign = factories.make_campaign(
        target_type=TargetType.SEGMENT, segment_query={"query": PUNE}, status=CampaignStatus.POPULATING
    )
    db.session.commit()
    populate(campaign.id)
    assert people(campaign) == [asha.id]


def test_started_soon_it_goes_to_those_who_were_shown(app: Flask) -> None:
    asha = factories.make_customer()
    campaign = to(kept())
    populate(campaign.id)
    factories.make_customer()
    lifecycle.launch(campaign)
    assert campaign.status is CampaignStatus.SENDING
    assert people(campaign) == [asha.id]


def test_started_later_it_goes_to_those_of_then(app: Flask) -> None:
    asha = factories.make_customer()
    campaign = to(kept())
    populate(campaign.id)
    frozen_long_ago(campaign)
    asha.city, ravi = "Goa", factories.make_customer()
    lifecycle.launch(campaign)
    db.session.commit()
    assert campaign.status is CampaignStatus.POPULATING
    populate(campaign.id)
    assert (fresh(campaign).status, people(campaign)) == (CampaignStatus.SENDING, [ravi.id])


def test_a_segment_that_was_changed_meanwhile_counts_as_it_is_at_the_start(app: Flask) -> None:
    factories.make_customer()
    diya = factories.make_customer(city="Goa")
    segment = kept()
    campaign = to(segment)
    populate(campaign.id)
    segments.change(segment, Draft(segment.name, GOA))
    lifecycle.launch(campaign)
    db.session.commit()
    populate(campaign.id)
    assert (fresh(campaign).status, people(campaign)) == (CampaignStatus.SENDING, [diya.id])


def test_at_its_time_a_scheduled_campaign_finds_its_people_anew(app: Flask) -> None:
    factories.make_customer()
    campaign = to(kept(), scheduled_for=clock.now() + timedelta(hours=1))
    populate(campaign.id)
    lifecycle.launch(campaign)
    assert campaign.status is CampaignStatus.SCHEDULED
    late = factories.make_customer()
    frozen_long_ago(campaign)
    campaign.scheduled_for = clock.now() - timedelta(minutes=1)
    db.session.commit()
    tick.begin_due_campaigns()
    assert fresh(campaign).status is CampaignStatus.POPULATING
    populate(campaign.id)
    assert fresh(campaign).status is CampaignStatus.SENDING
    assert people(campaign)[-1] == late.id
    assert campaign.scheduled_for is not None


def test_each_date_of_a_series_has_the_people_of_its_time(app: Flask) -> None:
    factories.make_customer()
    rule = Rule(every="day", at=time(10), starts_on=date(2026, 1, 1))
    campaign = to(kept(), recurrence=rule.as_json(), status=CampaignStatus.SCHEDULED)
    campaign.scheduled_for = clock.now() - timedelta(minutes=5)
    ravi = factories.make_customer()
    child = recurrences.occur(campaign)
    assert child is not None
    child.scheduled_for = child.occurrence_at = clock.now() - timedelta(minutes=5)
    db.session.commit()
    populate(child.id)
    assert (fresh(child).status, people(child)[-1]) == (CampaignStatus.SENDING, ravi.id)


def test_nobody_in_it_is_no_endless_search(app: Flask) -> None:
    campaign = to(kept(), launch_when_ready=True)
    populate(campaign.id)
    assert fresh(campaign).status is CampaignStatus.SENDING
    assert lifecycle.complete_if_done(campaign.id)


def test_a_segment_that_is_needed_is_not_deleted(app: Flask) -> None:
    segment = kept()
    campaign = to(segment, status=CampaignStatus.SCHEDULED)
    with pytest.raises(Refused, match="the campaign “Monsoon”"):
        segments.delete(segment)
    campaign.status = CampaignStatus.CANCELLED
    segments.delete(segment)


def test_a_campaign_whose_segment_is_gone_says_so(app: Flask) -> None:
    segment = kept()
    campaign = to(segment)
    db.session.delete(segment)
    db.session.commit()
    populate(campaign.id)
    assert fresh(campaign).status is CampaignStatus.DRAFT
    assert campaign.failure == "The segment “Punekars” is gone; choose other recipients."


def test_one_that_cannot_be_asked_any_more_at_its_time_says_so(app: Flask) -> None:
    factories.make_customer()
    segment = kept()
    campaign = to(segment)
    populate(campaign.id)
    segment.query = {"logic": "AND", "conditions": [{"field": "shoe_size", "operator": "is", "value": 9}]}
    campaign.scheduled_for, campaign.status = clock.now() - timedelta(minutes=1), CampaignStatus.SCHEDULED
    db.session.commit()
    tick.begin_due_campaigns()
    populate(campaign.id)
    assert fresh(campaign).status is CampaignStatus.DRAFT
    assert "must be mended first: There is no such field." in (campaign.failure or "")


def test_those_of_a_segment_that_failed_get_nothing_of_the_file_that_follows(app: Flask) -> None:
    factories.make_customer()
    segment = kept()
    campaign = to(segment)
    populate(campaign.id)
    drafts.find_anew(campaign)
    db.session.delete(segment)
    db.session.commit()
    populate(campaign.id)
    drafts.attach_file(campaign, upload(b"Phone\n+919812345678\n"))
    drafts.begin_import(campaign)
    db.session.commit()
    populate(campaign.id)
    assert db.session.scalars(select(Recipient.phone)).all() == ["+919812345678"]


def test_somebody_erased_in_the_same_moment_is_left_out(app: Flask) -> None:
    asha, gone = factories.make_customer(), factories.make_customer()
    campaign = to(kept())
    campaign_id, gone_id = campaign.id, gone.id

    def populated() -> None:
        with app.app_context():
            populate(campaign_id)

    db.session.execute(delete(Customer).where(Customer.id == gone_id))
    thread = Thread(target=populated)
    thread.start()
    sleep(1)
    db.session.commit()
    thread.join()
    assert (fresh(campaign).status, people(campaign)) == (CampaignStatus.READY, [asha.id])


@pytest.mark.parametrize(
    ("response", "names"),
    [("read", ["Asha", "Zoya"]), ("replied", ["Asha"]), ("clicked", ["Zoya"]), ("not_read", ["Ravi"])],
)
def test_earlier_recipients_are_found_by_what_they_did(app: Flask, response: str, names: list[str]) -> None:
    earlier = factories.make_campaign(status=CampaignStatus.COMPLETED)
    letter(earlier, "Asha", rank=Rank.READ, responded_at=clock.now())
    letter(earlier, "Zoya", rank=Rank.READ, clicked_at=clock.now())
    letter(earlier, "Ravi", rank=Rank.DELIVERED)
    letter(earlier, "Unreached", rank=Rank.FAILED)
    query = {"response": response, "campaigns": [str(earlier.public_id)]}
    campaign = factories.make_campaign(
        earlier.template, target_type=TargetType.RESPONDERS, segment_query=query, status=CampaignStatus.POPULATING
    )
    db.session.commit()
    populate(campaign.id)
    rows = select(Recipient.name).where(Recipient.campaign_id == campaign.id).order_by(Recipient.name)
    assert db.session.scalars(rows).all() == names


@pytest.mark.parametrize(
    ("response", "campaigns", "field"),
    [("slept", ["x"], "response"), ("read", [], "campaigns"), ("read", ["x"], "campaigns"), (None, None, "response")],
)
def test_it_refuses_responders_of_nothing(app: Flask, response: object, campaigns: object, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        targets.responders(response, campaigns)
    assert caught.value.field == field


def test_every_exclusion_has_its_number(app: Flask) -> None:
    factories.make_customer()
    factories.make_customer(phone="+12125550101")
    for _ in range(2):
        factories.make_customer(marketing_opt_in=False, marketing_opt_out_at=clock.now())
    factories.make_customer(marketing_opt_in=False, marketing_opt_in_at=None)
    campaign = to(kept())
    populate(campaign.id)
    told = {it.reason: it.count for it in audience.exclusions(campaign, rehearsal.rehearse(campaign))}
    assert told == {
        "suppressed": 0,
        "opted_out": 2,
        "no_consent": 1,
        "us_marketing": 1,
        "missing_variable": 0,
        "no_address": 0,
        "duplicate": 0,
    } | ({"frequency_cap": 0} if "frequency_cap" in told else {})


def test_all_who_opted_in_tells_who_is_left_out(app: Flask) -> None:
    factories.make_customer()
    factories.make_customer(marketing_opt_in=False, marketing_opt_in_at=None)
    campaign = factories.make_campaign(status=CampaignStatus.POPULATING)
    db.session.commit()
    populate(campaign.id)
    told = {it.reason: it for it in audience.exclusions(campaign, rehearsal.rehearse(campaign))}
    assert (told["no_consent"].count, told["no_consent"].outside, told["opted_out"].count) == (1, 1, 0)


def test_the_wizard_counts_and_takes_a_segment(mona: Browser) -> None:
    factories.make_customer()
    factories.make_customer(marketing_opt_in=False, marketing_opt_in_at=None)
    segment, campaign = kept(), draft()
    assert "Punekars" in mona.get(f"{at(campaign, 'recipients')}?kind=segment").text
    shown = mona.get(f"{at(campaign, 'recipients/reach')}?kind=segment&segment={segment.public_id}").text
    assert "Customers whose city is “Pune”." in shown
    assert '<span class="h2">1</span> customer would get it now.' in shown
    assert "Suppressed" not in shown
    mona.post(at(campaign, "recipients"), kind="segment", segment=str(segment.public_id))
    populate(campaign.id)
    assert (fresh(campaign).status, len(people(campaign))) == (CampaignStatus.READY, 2)
    assert "The segment “Punekars”" in mona.get(at(campaign, "recipients")).text
    assert "Found anew when it starts" in mona.get(page(campaign)).text


def test_whoever_is_suppressed_is_counted_apart(mona: Browser) -> None:
    """They would not get it, whatever they said; of all and of a tag they are not even recipients."""
    for _ in range(2):
        factories.make_customer(tags=["vip"])
    banned = factories.make_customer(tags=["vip"]), factories.make_customer(marketing_opt_in=False)
    suppression.suppress([it.phone or "" for it in banned], suppression.BY_HAND)
    segment, campaign = kept(), draft()
    found = reach.of(targets.circle(TargetType.SEGMENT, {"segment": str(segment.public_id)}))
    assert found == Reach(agreed=2, said_no=0, unasked=0, suppressed=2)
    shown = mona.get(f"{at(campaign, 'recipients/reach')}?kind=segment&segment={segment.public_id}").text
    assert '<span class="h2">2</span> customers would get it now.' in shown
    assert "<dt>Suppressed</dt><dd>2</dd>" in shown
    assert (reach.everybody(), reach.by_tag()) == (2, [("vip", 2)])


@pytest.mark.parametrize(("target", "query"), [(TargetType.ALL, {}), (TargetType.TAG, {"tag": "vip"})])
def test_of_all_the_suppressed_are_left_out_with_their_number(
    app: Flask, target: TargetType, query: dict[str, Any]
) -> None:
    asha, banned = (factories.make_customer(tags=["vip"]) for _ in range(2))
    suppression.suppress([banned.phone or ""], suppression.BY_HAND)
    campaign = factories.make_campaign(status=CampaignStatus.POPULATING, target_type=target, segment_query=query)
    db.session.commit()
    populate(campaign.id)
    told = {it.reason: it for it in audience.exclusions(campaign, rehearsal.rehearse(campaign))}
    assert people(campaign) == [asha.id]
    assert (told["suppressed"].count, told["suppressed"].outside) == (1, 1)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"kind": "segment", "segment": ""}, "Choose a segment."),
        ({"kind": "segment", "segment": "0198"}, "Choose a segment."),
        ({"kind": "responders", "response": "read"}, "Choose at least one campaign."),
        ({"kind": "responders", "response": "slept", "campaign": "x"}, "Say what they did"),
    ],
)
def test_the_wizard_refuses_with_a_sentence(mona: Browser, form: dict[str, str], sentence: str) -> None:
    factories.make_campaign(status=CampaignStatus.COMPLETED, name="Earlier")
    kept()
    campaign = draft(template=db.session.scalars(select(Campaign)).one().template)
    answer = mona.post(at(campaign, "recipients"), **form)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_the_wizard_takes_earlier_recipients(mona: Browser) -> None:
    earlier = factories.make_campaign(status=CampaignStatus.COMPLETED, name="Earlier")
    letter(earlier, "Asha", rank=Rank.READ)
    campaign = draft(template=earlier.template)
    assert "Earlier" in mona.get(f"{at(campaign, 'recipients')}?kind=responders").text
    form = {"kind": "responders", "response": "read", "campaign": str(earlier.public_id)}
    assert mona.post(at(campaign, "recipients"), **form).status_code == 302
    populate(campaign.id)
    assert len(people(fresh(campaign))) == 1


def test_a_segment_goes_along_into_a_new_campaign(mona: Browser) -> None:
    factories.make_channel()
    segment = kept()
    assert str(segment.public_id) in mona.get(f"/campaigns/new?segment={segment.public_id}").text
    mona.post(f"/campaigns/new?segment={segment.public_id}", name="To Pune")
    made = db.session.scalars(select(Campaign)).one()
    assert (made.status, made.target_type) == (CampaignStatus.DRAFT, TargetType.SEGMENT)
    assert made.segment_query == {"segment": str(segment.public_id), "name": "Punekars"}


def test_the_review_shows_each_exclusion_and_finds_anew(mona: Browser) -> None:
    factories.make_customer()
    factories.make_customer(marketing_opt_in=False, marketing_opt_in_at=None)
    campaign = to(kept())
    populate(campaign.id)
    frozen_long_ago(campaign)
    shown = mona.get(at(campaign, "review")).text
    assert "Never agreed to marketing messages." in shown
    assert "These numbers are of an earlier look." in shown
    factories.make_customer()
    db.session.commit()
    assert mona.post(at(campaign, "recipients/anew")).headers["Location"] == at(campaign, "recipients")
    populate(campaign.id)
    assert len(people(fresh(campaign))) == 3


def test_a_list_is_not_found_anew(mona: Browser) -> None:
    campaign = factories.make_campaign(target_type=TargetType.IMPORTED)
    db.session.commit()
    mona.post(at(campaign, "recipients/anew"))
    assert fresh(campaign).status is CampaignStatus.READY


def letter(campaign: Campaign, name: str, **columns: Any) -> None:
    customer = factories.make_customer(name=name)
    columns = {"delivered_at": clock.now(), "state": MessageState.ACCEPTED, "type": "template"} | columns
    ids = {"campaign_id": campaign.id, "channel_id": campaign.channel_id, "customer_id": customer.id}
    db.session.add(Message(**ids, **columns))
    db.session.flush()

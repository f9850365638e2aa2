"""Customers become a campaign's recipients: those who said yes, and whoever was picked, with a reason if not."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.campaigns.jobs.populate import populate
from app.campaigns.models import CampaignStatus, Recipient, RecipientState, TargetType
from app.campaigns.service import audience, freezing
from app.extensions import db
from app.shared import clock
from app.shared.errors import Refused
from tests import factories
from tests.campaigns.lists import waiting_campaign


def test_all_means_everybody_who_opted_in(app: Flask) -> None:
    asha, _, _ = _asha_gone_and_unasked()
    campaign = waiting_campaign(target_type=TargetType.ALL)
    populate(campaign.id)

    assert _recipients() == [(asha.id, RecipientState.PENDING, None)]
    assert campaign.status is CampaignStatus.READY


def test_a_tag_means_those_who_have_it_and_opted_in(app: Flask) -> None:
    factories.make_customer(tags=["pune"])
    factories.make_customer(tags=["goa"], marketing_opt_in=False)
    wanted = factories.make_customer(tags=["beach", "goa"])
    populate(waiting_campaign(target_type=TargetType.TAG, segment_query={"tag": "goa"}).id)

    assert _recipients() == [(wanted.id, RecipientState.PENDING, None)]


def test_picked_customers_come_with_the_reason_why_not(app: Flask) -> None:
    asha, gone, unasked = _asha_gone_and_unasked()
    factories.make_customer()
    picked = {"customer_ids": [asha.id, gone.id, unasked.id]}
    populate(waiting_campaign(target_type=TargetType.MANUAL, segment_query=picked).id)

    assert _recipients() == [
        (asha.id, RecipientState.PENDING, None),
        (gone.id, RecipientState.SKIPPED, "opted_out"),
        (unasked.id, RecipientState.SKIPPED, "no_consent"),
    ]


def test_asked_again_it_has_those_of_now_and_nobody_twice(app: Flask) -> None:
    factories.make_customer()
    gone = factories.make_customer()
    campaign = waiting_campaign(target_type=TargetType.ALL)
    assert freezing.freeze(campaign) == 2
    factories.make_customer()
    gone.marketing_opt_in = False

    assert freezing.freeze(campaign) == 2
    rows = db.session.scalars(select(Recipient).order_by(Recipient.position)).all()
    assert [row.position for row in rows] == [1, 2]
    assert gone.id not in [row.customer_id for row in rows]


def test_a_campaign_that_names_nobody_goes_back_with_a_sentence(app: Flask) -> None:
    campaign = waiting_campaign(target_type=TargetType.TAG, segment_query={})
    populate(campaign.id)

    assert (campaign.status, campaign.failure) == (CampaignStatus.DRAFT, "Choose the recipients first.")


def test_a_launch_that_is_refused_keeps_the_recipients_and_says_why(app: Flask) -> None:
    factories.make_customer()
    template = factories.make_template(status="PAUSED")
    campaign = waiting_campaign(template=template, target_type=TargetType.ALL, launch_when_ready=True)
    populate(campaign.id)

    assert campaign.status is CampaignStatus.READY
    assert "paused" in (campaign.failure or "")
    assert len(_recipients()) == 1


def test_recipients_of_a_running_campaign_are_not_cleared(app: Flask) -> None:
    campaign = factories.make_campaign(status=CampaignStatus.SENDING)
    factories.make_recipients(campaign, 3)

    with pytest.raises(Refused):
        audience.clear_recipients(campaign)
    assert len(_recipients()) == 3


def _asha_gone_and_unasked() -> tuple[factories.Customer, factories.Customer, factories.Customer]:
    return (
        factories.make_customer(),
        factories.make_customer(marketing_opt_in=False, marketing_opt_out_at=clock.now()),
        factories.make_customer(marketing_opt_in=False, marketing_opt_in_at=None),
    )


def _recipients() -> list[tuple[int | None, RecipientState, str | None]]:
    rows = db.session.scalars(select(Recipient).order_by(Recipient.position))
    return [(row.customer_id, row.state, row.skip_reason) for row in rows]

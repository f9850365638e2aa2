"""Who was erased comes back as somebody new at most, and gets no marketing: not by a file, the API or a webhook."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from app.auth import tokens
from app.campaigns.jobs.populate import populate
from app.campaigns.models import Campaign, CampaignStatus, Recipient, RecipientState, SkipReason, TargetType
from app.campaigns.service import dispatch
from app.customers.jobs.erasures import erase_on
from app.customers.models import ConsentEntry, Customer
from app.customers.privacy import erasure
from app.customers.service import consent
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.messaging.models import Message
from app.webhooks.inbox import the_inbox
from tests import factories
from tests.campaigns.lists import upload, waiting_campaign
from tests.webhooks.digesting import ASHA as DIGITS
from tests.webhooks.digesting import digest, inbound, wrote

ASHA = f"+{DIGITS}"
USER = "IN.13491208655302741918"


@pytest.fixture
def gone(app: Flask, cast: SimpleNamespace) -> None:
    """Asha was a customer who had agreed, and was erased."""
    factories.make_template()
    customer = factories.make_customer(phone=ASHA, user_id=USER, name="Asha")
    consent.record_consent(customer, True, "form", "Yes", None)
    db.session.commit()
    begun = erasure.erase(customer, None)
    db.session.commit()
    erase_on(begun.id)


def skipped(campaign: Campaign) -> SkipReason | None:
    """Why Asha gets nothing when her turn comes in a campaign that is being sent."""
    campaign.status = CampaignStatus.SENDING
    db.session.commit()
    assert dispatch.claim(dispatch.plan_of(campaign, None, "Asia/Kolkata"), 10).outgoing == []
    db.session.commit()
    db.session.expire_all()
    recipient = db.session.scalars(select(Recipient).where(Recipient.campaign_id == campaign.id)).one()
    assert recipient.state is RecipientState.SKIPPED
    return recipient.skip_reason


def agreed_again() -> Customer:
    """Somebody makes a customer of the number again, and even notes a yes."""
    customer = factories.make_customer(phone=ASHA, marketing_opt_in=False, marketing_opt_in_at=None)
    consent.record_consent(customer, True, "form", "Yes", None)
    db.session.commit()
    return customer


def test_not_by_a_file(gone: None) -> None:
    template = db.session.scalars(select(MessageTemplate)).one()
    campaign = waiting_campaign(upload(b"Phone,Name\n9800000001,Asha\n"), template=template)
    populate(campaign.id)
    assert skipped(campaign) is SkipReason.SUPPRESSED


def test_not_by_a_customer_made_anew(gone: None) -> None:
    template = db.session.scalars(select(MessageTemplate)).one()
    agreed_again()
    campaign = factories.make_campaign(template, target_type=TargetType.ALL, status=CampaignStatus.POPULATING)
    db.session.commit()
    populate(campaign.id)
    assert skipped(campaign) is SkipReason.SUPPRESSED


def test_not_by_the_api(gone: None, app: Flask, cast: SimpleNamespace) -> None:
    _, token = tokens.create(cast.mona, "CRM")
    agreed_again()
    message = {"template_name": "goa_monsoon_offer", "recipient": ASHA, "variables": {"1": "Asha", "2": "Goa"}}
    with app.app_context():
        headers = {"Authorization": f"Bearer {token}"}
        answer = app.test_client().post("/api/whatsapp/send-template", json=message, headers=headers)
    assert answer.status_code == 409, answer.text
    assert db.session.scalars(select(Message)).all() == []


def test_not_by_recipients_added_over_the_api(gone: None, app: Flask, cast: SimpleNamespace) -> None:
    _, token = tokens.create(cast.mona, "CRM")
    template = db.session.scalars(select(MessageTemplate)).one()
    campaign = factories.make_campaign(template, target_type=TargetType.IMPORTED, status=CampaignStatus.DRAFT)
    db.session.commit()
    with app.app_context():
        app.test_client().post(
            f"/api/whatsapp/campaigns/{campaign.public_id}/recipients",
            json=[{"phone": ASHA, "name": "Asha"}],
            headers={"Authorization": f"Bearer {token}"},
        )
    assert skipped(campaign) is SkipReason.SUPPRESSED


@pytest.mark.parametrize("words", ["Namaste", "START"])
def test_not_by_a_webhook(gone: None, words: str) -> None:
    when = datetime.now(UTC) - timedelta(minutes=1)
    digest(wrote(inbound(when=when, words=words, from_user_id=USER), name="Asha"))
    customer = db.session.scalars(select(Customer)).one()
    assert customer.phone == ASHA
    assert db.session.scalars(select(ConsentEntry)).all() == [] or words == "START"
    template = db.session.scalars(select(MessageTemplate)).one()
    campaign = factories.make_campaign(template, target_type=TargetType.IMPORTED)
    recipient = Recipient(campaign_id=campaign.id, position=1, phone=ASHA, user_id=USER, customer_id=customer.id)
    db.session.add(recipient)
    assert skipped(campaign) is SkipReason.SUPPRESSED


def test_the_same_post_again_brings_nothing_back(app: Flask) -> None:
    factories.make_channel()
    post = wrote(inbound(when=datetime.now(UTC), words="Namaste"), name="Asha")
    digest(post)
    begun = erasure.erase(db.session.scalars(select(Customer)).one(), None)
    db.session.commit()
    erase_on(begun.id)
    digest(post)
    assert db.session.scalars(select(Customer)).all() == []


def test_what_waited_to_be_digested_brings_nothing_back(app: Flask) -> None:
    factories.make_channel()
    customer = factories.make_customer(phone=ASHA)
    db.session.commit()
    the_inbox().keep(wrote(inbound(when=datetime.now(UTC), words="START"), name="Asha"))
    erasure.erase(customer, None)
    db.session.commit()
    digest()
    assert db.session.scalars(select(Customer)).all() == []

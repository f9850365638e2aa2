"""Who was erased comes back as somebody new at most, and gets no marketing: not by a file, the API or a webhook."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from werkzeug.datastructures import FileStorage

from app.auth import tokens
from app.campaigns.jobs.populate import populate
from app.campaigns.models import Campaign, CampaignStatus, Recipient, RecipientState, SkipReason, TargetType
from app.campaigns.service import dispatch
from app.customers.imports import service as imports
from app.customers.imports.models import ImportKind, ImportStatus
from app.customers.jobs import imports as import_doors
from app.customers.jobs.erasures import erase_on
from app.customers.models import ConsentEntry, Customer
from app.customers.privacy import erasure
from app.customers.service import consent, suppression
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.messaging.models import Direction, Message
from app.shared import clock
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
    agreed_again()
    assert skipped_of_all() is SkipReason.SUPPRESSED


def test_not_by_a_yes_that_somebody_notes(gone: None, client: FlaskClient, cast: SimpleNamespace) -> None:
    customer = factories.make_customer(phone=ASHA, marketing_opt_in=False, marketing_opt_in_at=None)
    db.session.commit()
    url = f"/customers/{customer.public_id}/opt-in"
    answer = factories.login(client, cast.bob).post(url, data={"wording": "asked at the counter"})
    assert answer.status_code == 422
    assert "on the suppression list" in answer.text
    assert db.session.scalars(select(ConsentEntry)).all() == []


def test_a_start_of_hers_is_not_answered_as_if_it_held(gone: None) -> None:
    when = datetime.now(UTC) - timedelta(minutes=1)
    digest(wrote(inbound(when=when, words="START", from_user_id=USER), name="Asha"))
    assert db.session.scalars(select(Message.direction)).all() == [Direction.IN]


def test_not_by_a_new_number(gone: None) -> None:
    customer = factories.make_customer(phone=ASHA)
    system = {"type": "user_changed_number", "wa_id": "919800000777", "body": "x"}
    db.session.commit()
    digest(wrote(inbound("system", datetime.now(UTC), system=system)))
    db.session.refresh(customer)
    assert customer.phone == "+919800000777"
    assert suppression.is_suppressed(customer.phone)


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


def come_in_by_a_file(kind: ImportKind, content: str, *columns: str, **rules: Any) -> None:
    """The file brought in as the wizard does it, with whatever consent it claims."""
    import_ = imports.receive_upload(FileStorage(BytesIO(content.encode()), filename="people.csv"), None, kind)
    imports.change_mapping(import_, {str(index): field for index, field in enumerate(columns)})
    imports.change_rules(import_, {"region": "IN"} | rules)
    imports.start(import_)
    db.session.commit()
    import_doors.run(import_.id)
    db.session.expire_all()
    assert import_.status is ImportStatus.IMPORTED, import_.error


def skipped_of_all() -> SkipReason | None:
    """Why Asha gets nothing though her row may say that she agreed: to everybody she does not belong, and picked by
    hand she is passed over."""
    db.session.execute(update(Customer).values(marketing_opt_in=True, marketing_opt_in_at=clock.now()))
    everybody = populated(target_type=TargetType.ALL)
    assert db.session.scalars(select(Recipient).where(Recipient.campaign_id == everybody.id)).all() == []
    asha = db.session.scalars(select(Customer)).one()
    return skipped(populated(target_type=TargetType.MANUAL, segment_query={"customer_ids": [asha.id]}))


def populated(**target: object) -> Campaign:
    template = db.session.scalars(select(MessageTemplate)).one()
    campaign = factories.make_campaign(template, status=CampaignStatus.POPULATING, **target)
    db.session.commit()
    populate(campaign.id)
    return campaign


@pytest.mark.parametrize("consent", [{"wording": "These people agreed"}, {"column": "2"}])
@pytest.mark.parametrize("existing", ["skip", "update", "fill"])
def test_not_by_an_import_that_attests_her_yes(gone: None, consent: dict[str, str], existing: str) -> None:
    columns = ("phone", "name", *(["consent"] if "column" in consent else []))
    content = "Phone,Name,Agreed\n98000 00001,Asha,yes\n"
    come_in_by_a_file(ImportKind.CUSTOMERS, content, *columns, consent=consent, existing=existing)
    asha = db.session.scalars(select(Customer)).one()
    assert (asha.phone, asha.marketing_opt_in) == (ASHA, False)
    assert skipped_of_all() is SkipReason.SUPPRESSED


def test_not_by_a_list_of_sales(gone: None) -> None:
    content = "Phone,Amount,Currency,Sold\n9800000001,900,INR,2026-10-04\n"
    come_in_by_a_file(ImportKind.SALES, content, "phone", "amount", "currency", "sold_at")
    assert skipped_of_all() is SkipReason.SUPPRESSED


def test_not_by_her_other_address(gone: None) -> None:
    """A new number, but the id under which she was erased."""
    factories.make_customer(phone="+919800000099", user_id=USER, name="Asha")
    db.session.commit()
    assert skipped_of_all() is SkipReason.SUPPRESSED


def test_who_stands_on_an_imported_list_gets_nothing_either(app: Flask) -> None:
    factories.make_template()
    factories.make_customer(phone=ASHA, name="Asha")
    db.session.commit()
    come_in_by_a_file(ImportKind.OPT_OUTS, "Phone\n98000 00001\n", "phone")
    assert skipped_of_all() is SkipReason.SUPPRESSED
    db.session.execute(delete(Recipient))
    digest(wrote(inbound(when=datetime.now(UTC), words="START"), name="Asha"))
    assert skipped_of_all() is SkipReason.SUPPRESSED


def test_lifted_by_the_owner_and_agreed_again_she_gets_marketing(gone: None) -> None:
    """Proof that the list is what holds her back in all of these."""
    suppression.lift([ASHA, USER])
    agreed_again()
    campaign = factories.make_campaign(db.session.scalars(select(MessageTemplate)).one(), target_type=TargetType.ALL)
    db.session.add(Recipient(campaign_id=campaign.id, position=1, phone=ASHA))
    assert len(claimed(campaign)) == 1


@pytest.mark.parametrize("way", ["erased", "import", "opted out"])
def test_a_message_that_is_no_marketing_still_reaches_her(app: Flask, way: str) -> None:
    customer = factories.make_customer(phone=ASHA, name="Asha")
    if way == "opted out":
        consent.record_consent(customer, False, "whatsapp", "STOP", None)
    else:
        suppression.suppress([ASHA], way)
    template = factories.make_template(category="UTILITY", name="booking_confirmed")
    campaign = factories.make_campaign(template, target_type=TargetType.IMPORTED)
    db.session.add(Recipient(campaign_id=campaign.id, position=1, phone=ASHA, customer_id=customer.id))
    assert len(claimed(campaign)) == 1


def test_the_same_message_as_marketing_does_not(app: Flask) -> None:
    customer = factories.make_customer(phone=ASHA, name="Asha")
    consent.record_consent(customer, False, "whatsapp", "STOP", None)
    campaign = factories.make_campaign(factories.make_template(), target_type=TargetType.IMPORTED)
    db.session.add(Recipient(campaign_id=campaign.id, position=1, phone=ASHA, customer_id=customer.id))
    assert claimed(campaign) == []


def claimed(campaign: Campaign) -> list[Any]:
    """Who is written to when the campaign's turn comes."""
    campaign.status = CampaignStatus.SENDING
    db.session.commit()
    return list(dispatch.claim(dispatch.plan_of(campaign, None, "Asia/Kolkata"), 10).outgoing)


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

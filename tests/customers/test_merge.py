"""Two customers who are one person are made one by hand."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.auth.models import AuditEntry
from app.campaigns.models import Recipient, TargetType
from app.customers.models import ConsentEntry, Customer, CustomerNote, Sale
from app.customers.queries.duplicates import suggestions
from app.customers.service import consent, suppression
from app.extensions import db
from app.messaging.models import Conversation, Direction, Message, MessageState
from tests.factories import login, make_campaign, make_channel, make_customer, make_recipients, make_sale, make_template


@pytest.fixture
def bob(client: FlaskClient, cast: SimpleNamespace) -> FlaskClient:
    return login(client, cast.bob)


def url(into: Customer, gone: Customer) -> str:
    return f"/customers/{into.public_id}/merge/{gone.public_id}"


def twins() -> tuple[Customer, Customer]:
    asha = make_customer(name="Asha Rao", phone="+919812345678", email=None, city="Pune", tags=["goa"])
    twin = make_customer(
        name="Asha R", phone="+447911123456", email="a@x.in", city="London", tags=["vip"], attributes={"Age": 30}
    )
    return asha, twin


def test_all_that_is_the_others_moves(bob: FlaskClient) -> None:
    asha, twin = twins()
    channel = make_channel()
    for customer in (asha, twin):
        make_sale(customer)
        consent.record_consent(customer, True, "form", "asked", None)
        db.session.add(CustomerNote(customer_id=customer.id, body="Note"))
        db.session.add(Conversation(channel_id=channel.id, customer_id=customer.id, unread=1))
        message = {"channel_id": channel.id, "type": "text", "state": MessageState.RECEIVED}
        db.session.add(Message(customer_id=customer.id, direction=Direction.IN, **message))
    recipients = make_recipients(make_campaign(make_template(channel)), 2)
    recipients[1].customer_id = twin.id
    db.session.commit()

    bob.post(url(asha, twin))

    for table in (Sale, ConsentEntry, CustomerNote, Message):
        assert db.session.scalars(select(func.count()).where(table.customer_id == asha.id)).one() == 2, table
    assert db.session.scalars(select(Conversation.unread)).all() == [2]
    assert db.session.scalars(select(Recipient.customer_id).where(Recipient.id == recipients[1].id)).one() == asha.id
    assert db.session.scalars(select(Customer.id)).all() == [asha.id]
    assert "customer.merge" in db.session.scalars(select(AuditEntry.action)).all()


def test_what_one_lacks_the_other_brings(bob: FlaskClient) -> None:
    asha, twin = twins()
    db.session.commit()

    bob.post(url(asha, twin))

    one = db.session.scalars(select(Customer)).one()
    assert (one.name, one.phone, one.city, one.email) == ("Asha Rao", "+919812345678", "Pune", "a@x.in")
    assert (one.tags, one.attributes) == (["goa", "vip"], {"Age": 30})


@pytest.mark.parametrize("refuser", [0, 1])
def test_a_no_wins_and_the_lost_number_stays_silent(bob: FlaskClient, refuser: int) -> None:
    pair = twins()
    consent.record_consent(pair[refuser], False, "form", "said no", None)
    consent.record_consent(pair[1 - refuser], True, "form", "said yes", None)
    db.session.commit()

    page = bob.get(url(*pair)).text
    bob.post(url(*pair))

    assert "One of them said no to marketing" in page
    one = db.session.scalars(select(Customer)).one()
    assert (one.marketing_opt_in, one.is_opted_out) == (False, True)
    ledger = db.session.scalars(select(ConsentEntry).order_by(ConsentEntry.at, ConsentEntry.granted.desc())).all()
    assert not ledger[-1].granted
    assert suppression.is_suppressed("+447911123456")
    assert not suppression.is_suppressed("+919812345678")


@pytest.mark.parametrize("banned", [0, 1])
def test_who_stands_on_the_suppression_list_stays_on_it(bob: FlaskClient, banned: int) -> None:
    asha, twin = pair = twins()
    suppression.suppress([pair[banned].phone], suppression.BY_HAND)
    db.session.commit()
    assert "is on the suppression list, and that holds for both" in bob.get(url(asha, twin)).text
    bob.post(url(asha, twin))
    assert suppression.is_suppressed("+919812345678")
    assert suppression.is_suppressed("+447911123456")


def test_who_was_picked_for_a_campaign_still_is(bob: FlaskClient) -> None:
    asha, twin = twins()
    campaign = make_campaign(target_type=TargetType.MANUAL, segment_query={"customer_ids": [twin.id, asha.id]})
    other = make_campaign(campaign.template, target_type=TargetType.MANUAL, segment_query={"customer_ids": [twin.id]})
    db.session.commit()
    bob.post(url(asha, twin))
    db.session.expire_all()
    assert [it.segment_query["customer_ids"] for it in (campaign, other)] == [[asha.id], [asha.id]]


def test_the_preview_changes_nothing_and_says_what_would_come(bob: FlaskClient) -> None:
    asha, twin = twins()
    make_sale(twin)
    make_sale(twin)
    db.session.commit()

    page = bob.get(url(asha, twin)).text

    assert "These move: 2 sales." in page
    assert '<s>London</s> <span class="badge bg-orange-lt">lost</span>' in page
    assert "<s>a@x.in</s>" not in page
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 2


def test_nobody_is_merged_with_themselves(bob: FlaskClient) -> None:
    asha, _ = twins()
    db.session.commit()

    assert bob.get(url(asha, asha)).status_code == 409
    assert bob.post(url(asha, asha)).status_code == 409


def test_doubles_are_suggested_by_address_and_by_name_with_number(bob: FlaskClient) -> None:
    asha = make_customer(name="Asha Rao", phone="+919812345678", email="Asha@x.in")
    make_customer(name="Somebody", email="asha@X.in")
    make_customer(name="asha rao", phone="+447700345678")
    make_customer(name="Another", phone="+447701345678")
    make_customer(name="Asha Rao", phone="+919812345679")
    db.session.commit()

    told = [(it.customer.name, it.reason) for it in suggestions(asha)]

    assert told == [
        ("Somebody", "the same e-mail address"),
        ("asha rao", "the same name, and a number that ends with 345678"),
    ]
    assert "may be the same person: the same e-mail address" in bob.get(f"/customers/{asha.public_id}").text
    assert "Perhaps one of these" in bob.get(f"/customers/{asha.public_id}/merge").text


def test_another_can_be_picked(bob: FlaskClient) -> None:
    asha, twin = twins()
    db.session.commit()

    page = bob.get(f"/customers/{asha.public_id}/merge?search=asha").text

    assert url(asha, twin) in page
    assert url(asha, asha) not in page


def test_who_only_looks_merges_nobody(client: FlaskClient, cast: SimpleNamespace) -> None:
    asha, twin = twins()
    db.session.commit()
    login(client, cast.vera)

    assert client.post(url(asha, twin)).status_code == 403
    assert client.get(url(asha, twin)).status_code == 403

"""What customers send is stored once, with its conversation, from one person each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from flask import Flask

from app.channels.models import Channel
from app.customers.models import ConsentEntry, Customer
from app.extensions import db
from app.messaging.models import Conversation, Direction, Message, MessageState
from app.webhooks.models import WebhookEvent
from tests import factories
from tests.webhooks.digesting import ASHA, body, digest, inbound, value, whole, wrote

NOON = whole(datetime.now(UTC)) - timedelta(hours=2)
USER = "IN.1349"


@pytest.fixture(autouse=True)
def channel(app: Flask) -> Channel:
    made = factories.make_channel()
    db.session.commit()
    return made


def known(**columns: object) -> Customer:
    customer = factories.make_customer(**columns)
    db.session.commit()
    return customer


def messages() -> list[Message]:
    return db.session.query(Message).filter_by(direction=Direction.IN).order_by(Message.id).all()


def people() -> list[Customer]:
    return db.session.query(Customer).order_by(Customer.id).all()


def the_conversation() -> Conversation:
    return db.session.query(Conversation).one()


def test_it_stores_what_a_stranger_writes_and_who_they_are() -> None:
    digest(wrote(inbound(when=NOON, from_user_id=USER), name="Asha"))
    message, customer = messages()[0], people()[0]
    assert (customer.phone, customer.user_id, customer.name) == (f"+{ASHA}", USER, "Asha")
    assert (message.state, message.body, message.sent_at) == (MessageState.RECEIVED, "Namaste", NOON)
    assert (message.customer_id, message.phone, message.raw["type"]) == (customer.id, f"+{ASHA}", "text")
    assert (customer.last_inbound_at, customer.marketing_opt_in) == (NOON, False)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("image", {"id": "5", "caption": "This one?"}),
        ("sticker", {"id": "5", "animated": True}),
        ("location", {"latitude": 18.5, "longitude": 73.8, "name": "Pune"}),
        ("contacts", [{"name": {"formatted_name": "Ravi"}}]),
        (
            "order",
            {"catalog_id": "9", "product_items": [{"product_retailer_id": "S", "quantity": 2, "item_price": 5.5}]},
        ),
        ("interactive", {"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": "{}", "body": "Sent"}}),
        ("unsupported", {"type": "pool"}),
        ("hologram", {"x": 1}),
    ],
)
def test_it_stores_every_type_with_its_raw_part(kind: str, content: object) -> None:
    digest(wrote(inbound(kind, NOON, **{kind: content})))
    assert (messages()[0].type, messages()[0].raw[kind]) == (kind, content)
    assert the_conversation().window_expires_at == NOON + timedelta(hours=24)


def test_it_stores_a_message_once() -> None:
    item = inbound(when=NOON)
    digest(wrote(item, item), wrote(item, name="Asha"))
    assert (len(messages()), the_conversation().unread) == (1, 1)


def test_a_conversation_grows_and_its_window_never_shrinks() -> None:
    digest(wrote(inbound(when=NOON)), wrote(inbound(when=NOON - timedelta(hours=3))))
    conversation = the_conversation()
    assert (conversation.window_expires_at, conversation.unread) == (NOON + timedelta(hours=24), 2)
    assert conversation.last_message_at == NOON


def test_a_reaction_belongs_to_its_message_and_opens_no_window() -> None:
    item = inbound(when=NOON)
    reaction = inbound("reaction", NOON + timedelta(hours=1), reaction={"message_id": item["id"], "emoji": "👍"})
    digest(wrote(reaction), wrote(item))
    first, second = sorted(messages(), key=lambda message: message.type)
    assert (first.answers_id, first.body) == (second.id, "👍")
    assert (the_conversation().unread, the_conversation().window_expires_at) == (1, NOON + timedelta(hours=24))


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_an_edit_and_a_revoke_reach_their_message_in_any_order(order: tuple[int, ...]) -> None:
    item = inbound(when=NOON, words="two tickts")
    edits = [
        inbound("edit", NOON + timedelta(minutes=i), edit={"original_message_id": item["id"], "message": message})
        for i, message in enumerate({"type": "text", "text": {"body": w}} for w in ("two tickts", "two tickets"))
    ]
    other = inbound("revoke", NOON, revoke={"original_message_id": "wamid.of.another"})
    digest(*(wrote([item, *edits, other][i]) for i in order))
    found = next(message for message in messages() if message.wamid == item["id"])
    assert (found.body, found.raw["text"]["body"]) == ("two tickets", "two tickts")
    assert "revoked_at" not in (found.payload or {})


def test_a_revoked_message_shows_its_words_no_more() -> None:
    item = inbound(when=NOON)
    digest(wrote(inbound("revoke", NOON, revoke={"original_message_id": item["id"]})), wrote(item))
    found = next(message for message in messages() if message.wamid == item["id"])
    assert (found.body, "revoked_at" in found.payload, found.raw["text"]["body"]) == (None, True, "Namaste")


def test_nobody_changes_the_words_of_another() -> None:
    item = inbound(when=NOON)
    theirs = inbound("revoke", NOON, "919800000002", revoke={"original_message_id": item["id"]})
    digest(wrote(item), wrote(theirs))
    assert next(message for message in messages() if message.wamid == item["id"]).body == "Namaste"


def test_a_group_message_opens_no_conversation() -> None:
    digest(wrote(inbound(when=NOON, group_id="g1", words="STOP")))
    assert (len(messages()), db.session.query(Conversation).count()) == (1, 0)
    assert db.session.query(ConsentEntry).count() == 0


def test_a_message_for_a_number_of_somebody_else_is_a_fault() -> None:
    digest(body(value(messages=[inbound()], metadata={"phone_number_id": "77"})))
    assert "77" in (db.session.query(WebhookEvent).one().error or "")


# Who it is


def test_a_name_that_our_people_gave_stays() -> None:
    known(phone=f"+{ASHA}", name="Mrs Rao")
    digest(wrote(inbound(when=NOON, from_user_id=USER), name="asha 🌸"))
    assert [(customer.name, customer.user_id) for customer in people()] == [("Mrs Rao", USER)]


def test_it_learns_the_phone_of_somebody_known_by_id_alone() -> None:
    known(phone=None, user_id=USER)
    digest(wrote(inbound(when=NOON, from_user_id=USER)))
    assert [customer.phone for customer in people()] == [f"+{ASHA}"]


def test_it_keeps_somebody_without_a_phone() -> None:
    digest(
        body(
            value(
                messages=[inbound(when=NOON, sender=None, from_user_id=USER)],
                contacts=[{"user_id": USER, "profile": {"username": "@asha"}}],
            )
        )
    )
    customer = people()[0]
    assert (customer.phone, customer.user_id, customer.name) == (None, USER, "@asha")
    assert customer.attributes == {"whatsapp_username": "@asha"}


@pytest.mark.parametrize(("ours", "metas"), [("+525512345678", "5215512345678"), ("+5511987654321", "551187654321")])
def test_it_knows_a_number_by_either_spelling(ours: str, metas: str) -> None:
    known(phone=ours)
    digest(wrote(inbound(when=NOON, sender=metas)))
    assert [customer.phone for customer in people()] == [ours]


def test_two_customers_who_prove_to_be_one_become_one() -> None:
    ours = known(phone=f"+{ASHA}", name="Mrs Rao", tags=["goa"])
    digest(wrote(inbound(when=NOON - timedelta(hours=1), sender=None, from_user_id=USER, words="STOP")))
    digest(wrote(inbound(when=NOON, from_user_id=USER)))
    assert [(it.id, it.phone, it.user_id, it.name, it.is_opted_out) for it in people()] == [
        (ours.id, f"+{ASHA}", USER, "Mrs Rao", True)
    ]
    assert {message.customer_id for message in messages()} == {ours.id}
    assert (the_conversation().customer_id, the_conversation().unread) == (ours.id, 2)
    assert db.session.query(ConsentEntry).one().customer_id == ours.id


def system(kind: str, when: datetime, sender: str | None = ASHA, **parts: object) -> bytes:
    return wrote(inbound("system", when, sender, system={"type": kind, "body": "x"} | parts))


NEW = "919800000099"


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_whoever_changes_their_number_stays_one_person(order: tuple[int, ...]) -> None:
    story = [
        wrote(inbound(when=NOON, words="STOP")),
        system("user_changed_number", NOON + timedelta(minutes=5), wa_id=NEW, user_id="IN.2"),
        wrote(inbound(when=NOON + timedelta(minutes=9), sender=NEW, from_user_id="IN.2")),
    ]
    digest(*(story[i] for i in order[:1]))
    digest(*(story[i] for i in order[1:]))
    assert [(it.phone, it.user_id, it.is_opted_out) for it in people()] == [(f"+{NEW}", "IN.2", True)]
    assert {message.customer_id for message in messages()} == {people()[0].id}


def test_whoever_moves_to_a_number_we_know_becomes_that_person() -> None:
    old, new = known(phone=f"+{ASHA}", name="Asha"), known(phone=f"+{NEW}", name=None)
    digest(system("user_changed_number", NOON, wa_id=NEW))
    assert [(it.id, it.phone, it.name) for it in people()] == [(old.id, f"+{NEW}", "Asha")]
    assert new.id != old.id


def test_a_changed_user_id_moves_its_person() -> None:
    ours = known(phone=None, user_id=USER)
    digest(system("user_changed_user_id", NOON, None, user_id="IN.9", previous_user_id=USER))
    assert [(it.id, it.user_id) for it in people()] == [(ours.id, "IN.9")]


def test_a_changed_identity_is_only_kept() -> None:
    ours = known(phone=f"+{ASHA}")
    digest(system("customer_identity_changed", NOON))
    assert ([it.id for it in people()], messages()[0].type) == ([ours.id], "system")
    assert db.session.query(Conversation).count() == 0


def test_a_number_that_has_a_new_owner_leaves_the_old_one() -> None:
    old = known(phone=f"+{ASHA}", user_id="IN.old", last_inbound_at=NOON - timedelta(days=90))
    new = known(phone=None, user_id="IN.new")
    digest(wrote(inbound(when=NOON, from_user_id="IN.new")))
    assert [(it.id, it.phone) for it in people()] == [(old.id, None), (new.id, f"+{ASHA}")]


def test_what_was_written_to_a_stranger_belongs_to_them_when_they_write(channel: Channel) -> None:
    sent = Message(channel_id=channel.id, type="template", phone=f"+{ASHA}", state=MessageState.ACCEPTED)
    db.session.add(sent)
    digest(wrote(inbound(when=NOON)))
    assert sent.customer_id == people()[0].id


LAST = "919800000100"


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_whoever_changes_their_number_twice_stays_one_person(order: tuple[int, ...]) -> None:
    story = [
        wrote(inbound(when=NOON, words="STOP", from_user_id="IN.1")),
        system("user_changed_number", NOON + timedelta(minutes=5), wa_id=NEW, user_id="IN.2", previous_user_id="IN.1"),
        system("user_changed_number", NOON + timedelta(minutes=9), NEW, wa_id=LAST, user_id="IN.3"),
        wrote(inbound(when=NOON + timedelta(minutes=30), from_user_id="IN.9")),  # who has the first number now
    ]
    for i in order:
        digest(story[i])
    assert sorted((it.phone, it.user_id, it.is_opted_out) for it in people()) == [
        (f"+{ASHA}", "IN.9", False),
        (f"+{LAST}", "IN.3", True),
    ]


def test_a_number_that_a_stranger_has_now_takes_no_consent_along() -> None:
    old = known(phone=f"+{ASHA}", user_id="IN.old", last_inbound_at=NOON - timedelta(days=90))
    digest(wrote(inbound(when=NOON, from_user_id="IN.new")))
    assert [(it.id == old.id, it.phone, it.user_id, it.marketing_opt_in) for it in people()] == [
        (True, None, "IN.old", True),
        (False, f"+{ASHA}", "IN.new", False),
    ]


@pytest.mark.parametrize("together", [True, False])
def test_a_number_is_free_at_once_for_its_next_owner(together: bool) -> None:
    old = known(phone=f"+{ASHA}", user_id="IN.old")
    moved = inbound(when=NOON, sender=NEW, from_user_id="IN.old")
    stranger = inbound(when=NOON + timedelta(minutes=1), from_user_id="IN.new")
    for items in [[moved, stranger]] if together else [[moved], [stranger]]:
        digest(wrote(*items))
    assert [(it.id == old.id, it.phone, it.user_id, it.marketing_opt_in) for it in people()] == [
        (True, f"+{NEW}", "IN.old", True),
        (False, f"+{ASHA}", "IN.new", False),
    ]

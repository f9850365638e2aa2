"""A customer's stop holds at once, whoever tells it and whenever it arrives, and is confirmed once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.customers.models import ConsentEntry, Customer
from app.customers.service import consent_words
from app.extensions import db
from app.messaging.models import Message, MessageState
from tests import factories
from tests.webhooks.digesting import ASHA, body, digest, inbound, preference, status, tap, value, whole, wrote

NOON = whole(datetime.now(UTC)) - timedelta(hours=2)


def minutes(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


@pytest.fixture
def asha(app: Flask) -> Customer:
    factories.make_channel()
    customer = factories.make_customer(phone=f"+{ASHA}")
    db.session.commit()
    return customer


def confirmations() -> list[tuple[str, str | None]]:
    found = db.session.query(Message).filter_by(direction="out").order_by(Message.id)
    return [(message.state.value, message.body) for message in found]


@pytest.mark.parametrize(
    "words",
    [
        "STOP",
        " stop! ",
        "Unsubscribe 🙏",
        "बंद करो",
        "band karo",
        "توقف",
        "நிறுத்து",
        "Baja",
        "توقّف",
        "ST\u180eOP",
        "STOP\u20e3",
    ],
)
def test_it_obeys_a_stop_word_in_many_languages(asha: Customer, words: str) -> None:
    digest(wrote(inbound(when=NOON, words=words)))
    entry = db.session.query(ConsentEntry).one()
    assert (asha.is_opted_out, asha.marketing_opt_out_at) == (True, NOON)
    assert (entry.granted, entry.at, entry.source, entry.wording) == (False, NOON, "whatsapp", words)
    assert entry.evidence["wamid"].startswith("wamid.in.")


@pytest.mark.parametrize("words", ["Please stop by tomorrow", "Don't stop!", "stopp it", "non-stop flights?", "🛑"])
def test_it_takes_no_other_message_for_a_stop(asha: Customer, words: str) -> None:
    digest(wrote(inbound(when=NOON, words=words)))
    assert (asha.is_opted_out, confirmations()) == (False, [])


@pytest.mark.parametrize(
    ("words", "payload"), [("Stop promotions", None), ("No, thanks", "STOP_PROMO"), ("Stop", "b7")]
)
def test_it_obeys_a_stop_button(asha: Customer, words: str, payload: str | None) -> None:
    digest(wrote(tap(words, NOON, payload)))
    assert asha.is_opted_out


def test_it_confirms_a_change_once(asha: Customer) -> None:
    digest(wrote(inbound(when=NOON, words="STOP")), wrote(inbound(when=minutes(1), words="stop")))
    assert confirmations() == [("created", consent_words.STOP_REPLY)]
    digest(wrote(inbound(when=minutes(2), words="START")))
    assert confirmations()[1:] == [("created", consent_words.START_REPLY)]
    assert not asha.is_opted_out


def test_a_confirmation_answers_the_message_that_caused_it(asha: Customer) -> None:
    digest(wrote(inbound(when=NOON, words="STOP")))
    cause, reply = db.session.query(Message).order_by(Message.id)
    assert (reply.answers_id, reply.state, reply.phone) == (cause.id, MessageState.CREATED, asha.phone)


def test_it_confirms_nothing_to_whom_it_may_not_write_any_more(asha: Customer) -> None:
    digest(wrote(inbound(when=NOON - timedelta(days=2), words="STOP")))
    assert (asha.is_opted_out, confirmations()) == (True, [])


def test_an_older_answer_that_comes_late_changes_nothing(asha: Customer) -> None:
    digest(wrote(inbound(when=minutes(5), words="START")), wrote(inbound(when=minutes(1), words="STOP")))
    assert (asha.marketing_opt_in, asha.is_opted_out) == (True, False)
    assert db.session.query(ConsentEntry).count() == 2


def test_edited_words_and_an_empty_reply_hold(asha: Customer) -> None:
    consent_words.change_rules("basta", "", "", "")
    digest(wrote(inbound(when=NOON, words="STOP")))
    assert not asha.is_opted_out
    digest(wrote(inbound(when=NOON, words="Basta!")))
    assert (asha.is_opted_out, confirmations()) == (True, [])


def test_a_stop_of_a_stranger_is_kept(asha: Customer) -> None:
    digest(wrote(inbound(when=NOON, sender="919800000777", words="STOP")))
    assert db.session.query(Customer).filter_by(phone="+919800000777").one().is_opted_out


# What Meta tells itself


@pytest.mark.parametrize(("word", "is_in"), [("stop", False), ("resume", True), ("signup", True)])
def test_it_obeys_a_choice_in_whatsapps_settings_without_a_confirmation(asha: Customer, word: str, is_in: bool) -> None:
    asha.marketing_opt_in, asha.marketing_opt_out_at = not is_in, None
    digest(preference(word, NOON), preference(word, NOON) + b" ")
    entry = db.session.query(ConsentEntry).one()
    assert (asha.marketing_opt_in, entry.granted, entry.source) == (is_in, is_in, "whatsapp_preferences")
    assert (entry.evidence["preference"]["detail"], confirmations()) == ("x", [])


def test_a_choice_of_somebody_without_a_phone_is_kept(asha: Customer) -> None:
    digest(preference("stop", NOON, user_id="IN.5"))
    assert db.session.query(Customer).filter_by(user_id="IN.5").one().is_opted_out


def test_an_unknown_choice_changes_nothing(asha: Customer) -> None:
    digest(preference("maybe", NOON))
    assert (asha.marketing_opt_in, db.session.query(ConsentEntry).count()) == (True, 0)


def test_a_message_refused_because_marketing_was_stopped_withdraws_consent(asha: Customer) -> None:
    message = Message(channel_id=1, type="template", phone=asha.phone, state=MessageState.ACCEPTED, wamid="w1")
    db.session.add(message)
    db.session.commit()
    item = status(message, "failed", NOON, errors=[{"code": 131050, "title": "Stopped"}])
    digest(body(value(statuses=[item])), body(value(statuses=[item, item])))
    entry = db.session.query(ConsentEntry).one()
    assert (asha.is_opted_out, entry.source, entry.evidence) == (
        True,
        "whatsapp_refusal",
        {"wamid": "w1", "code": 131050},
    )
    assert (message.rank, message.error_code) == (20, 131050)


# One person by a number and by an id


def delivered(number: str, user_id: str) -> bytes:
    message = Message(channel_id=1, type="template", phone=f"+{number}", state=MessageState.ACCEPTED, wamid="w9")
    db.session.add(message)
    db.session.commit()
    return body(value(statuses=[status(message, "delivered", NOON, recipient_user_id=user_id)]))


def test_a_stop_under_an_id_holds_for_the_number_once_a_delivery_joins_both(asha: Customer) -> None:
    digest(wrote(inbound(when=NOON - timedelta(hours=1), sender=None, from_user_id="IN.5", words="STOP")))
    assert not asha.is_opted_out
    digest(delivered(ASHA, "IN.5"))
    person = db.session.query(Customer).one()
    assert (person.id, person.phone, person.user_id, person.is_opted_out) == (asha.id, f"+{ASHA}", "IN.5", True)


def test_a_stop_under_an_id_holds_for_a_number_that_nobody_had(asha: Customer) -> None:
    digest(wrote(inbound(when=NOON - timedelta(hours=1), sender=None, from_user_id="IN.5", words="STOP")))
    digest(delivered("919800000555", "IN.5"))
    person = db.session.query(Customer).filter_by(user_id="IN.5").one()
    assert (person.phone, person.is_opted_out) == ("+919800000555", True)
    assert db.session.query(Message).filter_by(direction="out", wamid="w9").one().customer_id == person.id


def test_a_delivery_takes_no_number_from_somebody_with_another_id(asha: Customer) -> None:
    asha.user_id = "IN.6"
    digest(wrote(inbound(when=NOON - timedelta(hours=1), sender=None, from_user_id="IN.5", words="STOP")))
    digest(delivered(ASHA, "IN.5"))
    assert (asha.phone, asha.is_opted_out) == (f"+{ASHA}", False)

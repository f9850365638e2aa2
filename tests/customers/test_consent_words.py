"""Which words mean yes and no, and who may change them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.auth.models import AuditEntry
from app.customers.service import consent_words
from app.customers.service.consent_words import DEFAULTS, normal
from app.extensions import db
from app.shared.errors import Invalid
from tests import factories

PAGE = "/customers/consent-words"


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("  STOP!!  ", "stop"),
        ("Stop. 🛑", "stop"),
        ("STOP ❤️", "stop"),
        ("ｓｔｏｐ", "stop"),
        ("Don’t message\nme", "dont message me"),
        ("बंद करो।", "बंद करो"),
        ("Cancelar suscripcio\u0301n", "cancelar suscripción"),
        ("🛑", ""),
    ],
)
def test_it_compares_words_however_they_are_written(written: str, compared: str) -> None:
    assert normal(written) == compared


@pytest.mark.parametrize("payload", ["STOP_PROMO", "stop-7", "STOP", "STOP_"])
def test_a_buttons_hidden_value_may_say_stop(payload: str) -> None:
    assert DEFAULTS.answer_in("No, thanks", payload) is False


@pytest.mark.parametrize("payload", ["Stop by our store", "Stop: unwanted", "NONSTOP_1", "7_STOP"])
def test_another_hidden_value_says_nothing(payload: str) -> None:
    assert DEFAULTS.answer_in("Details", payload) is None


def test_no_default_word_means_both() -> None:
    assert DEFAULTS.stop_words & DEFAULTS.start_words == set()


def test_edited_words_hold_and_can_be_taken_back(app: Flask) -> None:
    consent_words.change_rules("Basta!\n\nbasta\n", "", " Done. ", "")
    rules = consent_words.rules()
    assert (rules.stop_words, rules.start_words, rules.stop_reply) == ({"basta"}, set(), "Done.")
    consent_words.reset_rules()
    assert consent_words.rules() == DEFAULTS


@pytest.mark.parametrize(
    ("stops", "starts", "field"),
    [("go", "Go!", "start_words"), ("x" * 61, "", "stop_words"), ("", "\n".join(map(str, range(501))), "start_words")],
)
def test_it_refuses_words_that_cannot_hold(app: Flask, stops: str, starts: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        consent_words.change_rules(stops, starts, "", "")
    assert refusal.value.field == field


def test_the_owner_changes_the_words(client: FlaskClient, cast: SimpleNamespace) -> None:
    factories.login(client, cast.alice)
    assert "unsubscribe" in client.get(PAGE).text
    answer = client.post(
        PAGE, data={"stop_words": "basta", "start_words": "vamos", "stop_reply": "", "start_reply": ""}
    )
    assert (answer.status_code, consent_words.rules().stop_words) == (302, {"basta"})
    assert client.post(f"{PAGE}/reset").status_code == 302
    assert consent_words.rules() == DEFAULTS
    actions = [entry.action for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert actions[-2:] == ["consent_words.change", "consent_words.reset"]


def test_a_word_for_both_is_refused_at_its_field(client: FlaskClient, cast: SimpleNamespace) -> None:
    factories.login(client, cast.alice)
    answer = client.post(PAGE, data={"stop_words": "go", "start_words": "go"})
    assert (answer.status_code, "cannot mean both" in answer.text) == (422, True)


def test_a_manager_may_not(client: FlaskClient, cast: SimpleNamespace) -> None:
    factories.login(client, cast.mona)
    assert client.get(PAGE).status_code == client.post(PAGE).status_code == 403

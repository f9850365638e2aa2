"""Consent by the API: a yes with its proof, a no at once, and nobody on the suppression list comes back."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.auth.models import AuditEntry
from app.customers.models import ConsentEntry, Customer
from app.customers.service import suppression
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.shared import clock
from tests import factories
from tests.api.conftest import Caller, token_of

YES = {"granted": True, "source": "website checkout", "wording": "Yes, send me offers on WhatsApp"}
NO = {"granted": False}


@pytest.fixture
def ravi(app: Flask) -> Customer:
    """Never asked."""
    customer = factories.make_customer(phone="+919812345678", marketing_opt_in=False, marketing_opt_in_at=None)
    db.session.commit()
    return customer


def say(api: Caller, customer: Customer, said: dict[str, Any]) -> Any:
    return api.post(f"/customers/{customer.public_id}/consent", said)


def test_a_yes_is_written_down_with_its_proof(api: Caller, ravi: Customer) -> None:
    answer = say(api, ravi, YES | {"evidence": {"form": "checkout-7"}})
    assert (answer.status_code, answer.json["marketing_opt_in"]) == (201, True)
    [entry] = answer.json["ledger"]
    assert (entry["granted"], entry["source"], entry["wording"]) == (True, YES["source"], YES["wording"])
    assert (entry["evidence"], entry["actor"]) == ({"form": "checkout-7", "via": "api"}, "Mona")


def test_a_no_holds_at_once_and_the_ledger_keeps_both(api: Caller, ravi: Customer) -> None:
    say(api, ravi, YES)
    assert say(api, ravi, NO).json["marketing_opt_in"] is False
    state = api.get(f"/customers/{ravi.public_id}/consent").json
    assert [(entry["granted"], entry["source"]) for entry in state["ledger"]] == [(False, "api"), (True, YES["source"])]
    db.session.refresh(ravi)
    assert ravi.is_opted_out


def test_an_answer_from_before_changes_nothing(api: Caller, ravi: Customer) -> None:
    say(api, ravi, NO)
    earlier = (clock.now() - timedelta(days=3)).isoformat()
    answer = say(api, ravi, YES | {"at": earlier})
    assert (answer.status_code, answer.json["marketing_opt_in"]) == (201, False)
    assert len(answer.json["ledger"]) == 2


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("source", {"source": None}),
        ("source", {"source": "WhatsApp"}),
        ("wording", {"wording": " "}),
        ("wording", {"wording": None}),
        ("at", {"at": "2999-01-01T00:00:00Z"}),
        ("at", {"at": "0001-01-01T00:00:00+05:30"}),
        ("at", {"at": "2026-01-01T00:00:00"}),
        ("granted", {"granted": None}),
        ("evidence", {"evidence": {f"e{number}": 1 for number in range(51)}}),
    ],
)
def test_a_yes_without_its_proof_is_refused_at_the_field(
    api: Caller, ravi: Customer, field: str, said: dict[str, Any]
) -> None:
    answer = say(api, ravi, YES | said)
    assert answer.status_code == 422, answer.text
    assert list(answer.json["error"]["fields"]) == [field]
    assert db.session.scalars(select(ConsentEntry)).all() == []


def test_a_clock_that_is_fast_cannot_outlive_a_no(api: Caller, ravi: Customer) -> None:
    say(api, ravi, YES | {"at": (clock.now() + timedelta(minutes=5)).isoformat()})
    assert say(api, ravi, NO).json["marketing_opt_in"] is False


def test_a_suppressed_persons_yes_is_refused_and_their_no_is_not(api: Caller, ravi: Customer) -> None:
    suppression.suppress([ravi.phone], "erased")
    db.session.commit()
    answer = say(api, ravi, YES)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "refused")
    assert "suppression list" in answer.json["error"]["message"]
    assert say(api, ravi, NO).json["is_suppressed"] is True
    assert [entry.granted for entry in db.session.scalars(select(ConsentEntry))] == [False]


def test_whoever_is_suppressed_and_told_of_again_stays_unreachable(api: Caller, template: MessageTemplate) -> None:
    suppression.suppress(["+919812345678"], "erased")
    db.session.commit()
    customer = api.post("/customers", {"phone": "+919812345678", "name": "Ravi"}).json["id"]
    assert api.get(f"/customers/{customer}").json["is_suppressed"] is True
    assert api.post(f"/customers/{customer}/consent", YES).status_code == 409
    message = {"template_name": template.name, "recipient": "+919812345678", "variables": {"1": "Ravi", "2": "Goa"}}
    refusal = api.post("/send-template", message)
    assert (refusal.status_code, refusal.json["error"]["code"]) == (409, "refused")
    assert "never get marketing" in refusal.json["error"]["message"]


def test_a_viewer_may_read_the_ledger_and_not_write_it(app: Flask, cast: SimpleNamespace, ravi: Customer) -> None:
    vera = Caller(app, token_of(cast.vera))
    assert vera.get(f"/customers/{ravi.public_id}/consent").json["ledger"] == []
    assert say(vera, ravi, NO).status_code == 403


def test_the_audit_log_has_it(api: Caller, ravi: Customer) -> None:
    say(api, ravi, YES), say(api, ravi, NO)
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-2:] == ["customer.opt_in", "customer.opt_out"]

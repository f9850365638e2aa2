"""Calls on a customer's consent to marketing: write an answer down, read the ledger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.api.access import caller
from app.api.calls import call
from app.api.schemas.customers import ConsentIn, ConsentOut, ConsentState
from app.auth import audit
from app.customers.models import Customer
from app.customers.queries import people
from app.customers.queries.people import LedgerLine
from app.customers.service import consent, suppression
from app.extensions import db
from app.shared import clock
from app.shared.errors import Invalid, Refused

TAG = "Consent"
RULE = "/customers/<uuid:customer_id>/consent"
CLOCKS_DIFFER = timedelta(minutes=10)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
# What we heard ourselves is proved otherwise; nobody else may say it was heard so.
OURS = frozenset({"form", "csv", "seed", "whatsapp", "whatsapp_preferences", "whatsapp_refusal", "merge"})


@call("GET", RULE, "customers.view", tag=TAG, answer=ConsentState)
def show_consent(customer_id: UUID) -> Any:
    """Whether a customer may get marketing, and every yes and no that led there."""
    return _state(people.by_public_id(customer_id))


@call("POST", RULE, "customers.write", tag=TAG, answer=ConsentState, status=201, refusals=(409,))
def record_consent(customer_id: UUID, json: ConsentIn) -> Any:
    """Write down that a customer said yes or no to marketing.

    A yes needs where it was said and the words that were agreed to. Answers are added, never changed; one that was
    said before the newest changes nothing. A yes for somebody on the suppression list is refused (409).
    """
    customer = people.by_public_id(customer_id)
    _require_proof(json)
    if json.granted and suppression.is_suppressed(customer.phone, customer.user_id):
        raise Refused("This person is on the suppression list and gets no marketing, whatever is said of them.")
    evidence = {**json.evidence, "via": "api"}
    consent.record_consent(
        customer, json.granted, json.source or "api", json.wording, caller(), at=_said_at(json), evidence=evidence
    )
    audit.record("customer.opt_in" if json.granted else "customer.opt_out", customer, by=caller())
    db.session.commit()
    return _state(customer), 201


def _require_proof(said: ConsentIn) -> None:
    if said.granted and not said.source:
        raise Invalid("A yes needs its source: where it was said.", "source")
    if said.granted and not (said.wording or "").strip():
        raise Invalid("A yes needs the words that were agreed to.", "wording")
    if said.source and said.source.strip().casefold() in OURS:
        raise Invalid(f"“{said.source.strip()}” is what Bulbul heard itself; say where you heard it.", "source")


def _said_at(said: ConsentIn) -> datetime:
    """When it was said, at most now: an answer from the future would outlive every no before it."""
    now = clock.now()
    at = said.at or now
    if at > now + CLOCKS_DIFFER:
        raise Invalid("This lies in the future; say when it was said.", "at")
    if at < EARLIEST:
        raise Invalid("This lies too far in the past.", "at")
    return min(at, now)


def _state(customer: Customer) -> ConsentState:
    return ConsentState(
        customer_id=customer.public_id,
        marketing_opt_in=customer.marketing_opt_in,
        is_suppressed=suppression.is_suppressed(customer.phone, customer.user_id),
        ledger=[_shown(line) for line in people.consent_ledger(customer)],
    )


def _shown(line: LedgerLine) -> ConsentOut:
    entry = line.entry
    return ConsentOut(
        granted=entry.granted,
        at=entry.at,
        source=entry.source,
        wording=entry.wording,
        evidence=entry.evidence,
        actor=line.actor,
    )

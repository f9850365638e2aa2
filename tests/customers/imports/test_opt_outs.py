"""Whoever stands on an imported list of opt-outs gets no marketing any more: at once, for good, by no way back."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.campaigns.models import CampaignStatus, Recipient, RecipientState, SkipReason
from app.campaigns.service import dispatch
from app.customers.imports.models import Import, ImportKind
from app.customers.imports.opt_outs import OptOuts
from app.customers.models import ConsentEntry, Customer
from app.customers.privacy.models import Suppression
from app.customers.service import consent, suppression
from app.extensions import db
from app.shared.errors import Invalid
from tests import factories
from tests.customers.imports.rowwise import brought, faults, figures, received, tried

ASHA, BINA = "+919812345678", "+919812345679"
USER = "IN.13491208655302741918"


def imported(text: str, rules: dict[str, Any] | None = None, chunk: int = 20_000) -> Import:
    """The list, brought in."""
    return brought(OptOuts(), received(ImportKind.OPT_OUTS, text, rules), chunk)


def entries() -> list[ConsentEntry]:
    """The ledger."""
    return list(db.session.scalars(select(ConsentEntry).order_by(ConsentEntry.id)))


def test_a_known_customer_is_opted_out_in_the_ledger(app: Flask) -> None:
    asha = factories.make_customer(phone=ASHA)
    import_ = imported("Phone,Reason\n98123 45678,asked at the desk\n")
    [entry] = entries()
    db.session.refresh(asha)
    assert (entry.customer_id, entry.granted, entry.source, entry.import_id) == (asha.id, False, "csv", import_.id)
    assert entry.wording == "asked at the desk"
    assert asha.is_opted_out
    assert figures(import_) == {"total": 1, "inserted": 1}


def test_an_unknown_number_is_suppressed_and_nobody_is_made(app: Flask) -> None:
    imported(f"Phone\n{ASHA}\n{BINA}\n")
    assert suppression.is_suppressed(ASHA)
    assert suppression.is_suppressed(BINA)
    assert db.session.scalars(select(Customer)).all() == []


def test_a_number_that_is_none_is_named_with_its_column(app: Flask) -> None:
    assert faults(imported("Mobile,Reason\nabc,rang\n")) == [(2, "Mobile “abc”: not a number")]


def test_a_user_id_names_a_person_too(app: Flask) -> None:
    asha = factories.make_customer(phone=ASHA, user_id=USER)
    imported(f"User ID\n{USER}\n")
    db.session.refresh(asha)
    assert asha.is_opted_out
    assert suppression.is_suppressed(USER)


def test_a_row_that_names_two_customers_stops_both(app: Flask) -> None:
    people = [factories.make_customer(phone=ASHA), factories.make_customer(user_id=USER)]
    imported(f"Phone,User ID\n{ASHA},{USER}\n")
    for person in people:
        db.session.refresh(person)
    assert all(person.is_opted_out for person in people)


def test_it_stops_a_number_in_both_spellings(app: Flask) -> None:
    imported("Phone\n+525512345678\n")
    assert suppression.is_suppressed("+525512345678")
    assert suppression.is_suppressed("+5215512345678")


def test_who_said_no_before_says_it_once(app: Flask) -> None:
    asha = factories.make_customer(phone=ASHA)
    consent.record_consent(asha, False, "form", "No", None)
    suppression.suppress([ASHA], "banned")
    db.session.commit()
    import_ = imported(f"Phone\n{ASHA}\n")
    assert len(entries()) == 1
    assert db.session.scalar(select(Suppression.reason)) == "banned"
    assert figures(import_) == {"total": 1, "unchanged": 1}


@pytest.mark.parametrize("chunk", [1, 20_000])
def test_a_repeated_number_counts_once(app: Flask, chunk: int) -> None:
    suppression.suppress([BINA], "banned")
    import_ = imported(f"Phone\n{ASHA}\n98123 45678\n{BINA}\n{BINA}\n", chunk=chunk)
    reason = "the same person stands in an earlier row"
    assert faults(import_) == [(3, reason), (5, reason)]
    assert figures(import_) == {"total": 4, "inserted": 1, "unchanged": 1, "duplicates": 2}


@pytest.mark.parametrize("chunk", [1, 20_000])
def test_a_repeated_number_may_bring_another_address(app: Flask, chunk: int) -> None:
    imported(f"Phone,User ID\n{ASHA},\n{ASHA},{USER}\n", chunk=chunk)
    assert suppression.is_suppressed(USER)


def test_a_row_without_an_address_says_so(app: Flask) -> None:
    import_ = imported(f"Phone,Reason\n12,short\n{ASHA},x\n,nobody\n")
    assert [number for number, _ in faults(import_)] == [2, 4]
    assert faults(import_)[1] == (4, "no phone number and no user id")


def test_the_dry_run_says_what_the_import_brings_and_stops_nobody(app: Flask) -> None:
    asha = factories.make_customer(phone=ASHA)
    import_ = received(ImportKind.OPT_OUTS, f"Phone\n{ASHA}\n{BINA}\n{BINA}\n")
    trial = tried(OptOuts(), import_)
    assert db.session.scalar(select(func.count()).select_from(Suppression)) == 0
    db.session.refresh(asha)
    assert asha.marketing_opt_in
    real = figures(brought(OptOuts(), import_, chunk=1))
    assert real == {"total": 3, "inserted": trial.inserted, "duplicates": trial.duplicates}


def test_a_running_campaign_skips_them_at_once(app: Flask) -> None:
    """A known customer, and a number that nobody knows as one, both already waiting in the campaign."""
    asha = factories.make_customer(phone=ASHA)
    campaign = factories.make_campaign(factories.make_template(), status=CampaignStatus.SENDING)
    for place, (phone, customer_id) in enumerate(((ASHA, asha.id), (BINA, None)), start=1):
        db.session.add(Recipient(campaign_id=campaign.id, position=place, phone=phone, customer_id=customer_id))
    db.session.commit()
    imported(f"Phone\n{ASHA}\n{BINA}\n")
    claimed = dispatch.claim(dispatch.plan_of(campaign, None, "Asia/Kolkata"), 10)
    db.session.commit()
    db.session.expire_all()
    assert claimed.outgoing == []
    recipients = db.session.scalars(select(Recipient).order_by(Recipient.position)).all()
    assert [recipient.state for recipient in recipients] == [RecipientState.SKIPPED] * 2
    assert {recipient.skip_reason for recipient in recipients} <= {SkipReason.SUPPRESSED, SkipReason.OPTED_OUT}


@pytest.mark.parametrize(
    ("mapping", "rules", "field"),
    [({"0": "reason"}, {}, "mapping"), ({"0": "phone"}, {"existing": "skip"}, "rules.existing")],
)
def test_it_refuses_what_cannot_begin(mapping: dict[str, str], rules: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        OptOuts().check(mapping, rules)
    assert refusal.value.field == field

"""A list of opt-outs taken back: those it silenced are as before, whoever said no by any other door stays silent."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.customers.imports import outlook, service
from app.customers.imports.models import Import, ImportKind, ImportStatus
from app.customers.jobs import imports as doors
from app.customers.models import Customer
from app.customers.privacy.models import Suppression
from app.customers.service import consent, suppression
from app.extensions import db
from app.shared.errors import Invalid
from tests import factories
from tests.customers.imports.people_files import brought_in, contents, gone_on, received

ASHA, BINA, CARA = "+919812345671", "+919812345672", "+919812345673"
TABLES = ("consent_entries", "suppressions", "import_changes")


def listed(*phones: str) -> Import:
    """An imported list of opt-outs."""
    return brought_in("Phone\n" + "".join(f"{phone}\n" for phone in phones), {"0": "phone"}, kind=ImportKind.OPT_OUTS)


def undone(import_: Import) -> None:
    service.start_undo(import_, "It was the customer list.")
    db.session.commit()
    doors.undo(import_.id)
    db.session.expire_all()
    assert import_.status is ImportStatus.UNDONE, import_.error


def willing(phone: str = ASHA) -> Customer:
    """A customer who said yes, as the ledger knows."""
    customer = factories.make_customer(phone=phone, marketing_opt_in=False, marketing_opt_in_at=None)
    consent.record_consent(customer, True, "form", "Yes", None)
    db.session.commit()
    return customer


def is_reachable(customer: Customer) -> bool:
    db.session.refresh(customer)
    return customer.marketing_opt_in and not suppression.is_suppressed(customer.phone, customer.user_id)


def test_they_are_as_before(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "UNDO_STEP", 2)
    asha, stranger = willing(), factories.make_customer(phone=BINA, marketing_opt_in=False, marketing_opt_in_at=None)
    before = contents(*TABLES)
    import_ = listed(ASHA, BINA, *(f"+9198123456{n}" for n in range(80, 87)))
    expected = outlook.of(import_)
    assert (expected.created, expected.changed, expected.left, expected.reachable) == (9, 2, 0, 1)
    undone(import_)
    assert contents(*TABLES) == before
    assert is_reachable(asha)
    db.session.refresh(stranger)
    assert (stranger.marketing_opt_in, stranger.marketing_opt_out_at) == (False, None)
    assert (import_.findings or {})["undone"] == {"taken_back": 11, "left": 0}


@pytest.mark.parametrize("is_before", [True, False])
def test_who_said_no_in_words_stays_silent(app: Flask, is_before: bool) -> None:
    asha = willing()
    if is_before:
        consent.record_consent(asha, False, "whatsapp", "STOP", None)
    import_ = listed(ASHA)
    if not is_before:
        consent.record_consent(asha, False, "whatsapp", "STOP", None)
    db.session.commit()
    undone(import_)
    db.session.refresh(asha)
    assert asha.is_opted_out


def test_who_said_yes_since_stays_willing(app: Flask) -> None:
    asha, import_ = willing(), listed(ASHA)
    consent.record_consent(asha, True, "form", "Yes again", None)
    db.session.commit()
    undone(import_)
    assert is_reachable(asha)


@pytest.mark.parametrize("reason", [suppression.BY_HAND, suppression.ERASED])
@pytest.mark.parametrize("is_before", [True, False])
def test_whoever_was_banned_or_erased_stays_on_the_list(app: Flask, reason: str, is_before: bool) -> None:
    if is_before:
        suppression.suppress([ASHA], reason)
        db.session.commit()
    import_ = listed(ASHA)
    if not is_before:
        suppression.suppress([ASHA], reason)
        db.session.commit()
    undone(import_)
    assert db.session.scalars(select(Suppression.reason)).all() == [reason]


@pytest.mark.parametrize("is_first_undone", [True, False])
def test_whom_another_list_names_too_stays_silent(app: Flask, is_first_undone: bool) -> None:
    asha = willing()
    lists = [listed(ASHA, BINA), listed(ASHA, CARA)]
    gone, left = lists if is_first_undone else reversed(lists)
    undone(gone)
    db.session.refresh(asha)
    assert asha.is_opted_out
    assert suppression.is_suppressed(ASHA)
    assert (suppression.is_suppressed(BINA), suppression.is_suppressed(CARA)) == (not is_first_undone, is_first_undone)
    undone(left)
    assert is_reachable(asha)
    assert db.session.scalar(select(func.count()).select_from(Suppression)) == 0


def test_a_no_in_a_customers_file_since_is_kept(app: Flask) -> None:
    asha, import_ = willing(), listed(ASHA)
    brought_in(f"Phone,OK\n{ASHA},no\n", {"0": "phone", "1": "consent"})
    undone(import_)
    db.session.refresh(asha)
    assert asha.is_opted_out


def test_a_number_that_joined_them_since_goes_off_the_list_with_them(app: Flask) -> None:
    import_ = listed(ASHA)
    suppression.keep_silent([ASHA, "IN.7"], "merge")
    db.session.commit()
    assert suppression.is_suppressed("IN.7")
    undone(import_)
    assert not suppression.is_suppressed(ASHA, "IN.7")


def test_it_goes_on_where_somebody_left_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "UNDO_STEP", 1)
    asha, before = willing(), contents(*TABLES)
    import_ = listed(ASHA, BINA, CARA)
    service.start_undo(import_, "wrong file")
    for _ in range(2):
        doors._undo_step(import_.id)
        db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(Suppression)) == 1
    import_.lease_until = None
    db.session.commit()
    doors.undo(import_.id)
    assert contents(*TABLES) == before
    assert is_reachable(asha)


def test_it_wants_to_know_why(app: Flask) -> None:
    with pytest.raises(Invalid) as refusal:
        service.start_undo(listed(ASHA), " ")
    assert refusal.value.field == "reason"


def test_what_is_listed_again_after_it_is_listed(app: Flask) -> None:
    import_ = listed(ASHA)
    undone(import_)
    assert (again := gone_on(received(f"Phone\n{ASHA}\n", {"0": "phone"}, kind=ImportKind.OPT_OUTS))).inserted == 1
    assert suppression.is_suppressed(ASHA)
    assert again.duplicates == 0

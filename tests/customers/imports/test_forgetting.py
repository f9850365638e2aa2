"""What an import changed is forgotten when its time is over; from the first lost value on it cannot be undone."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.customers.imports import outlook, service
from app.customers.imports.models import Import, ImportChange, ImportKind, ImportStatus
from app.customers.jobs import retention as door
from app.customers.models import Customer
from app.customers.privacy import retention
from app.customers.service import suppression
from app.extensions import db
from app.shared import clock
from app.shared.errors import Refused
from tests import factories
from tests.api.conftest import Caller, token_of
from tests.customers.imports.people_files import brought_in, contents, undone

NUMBERS = [f"+91981234567{n}" for n in range(5)]
COLUMNS = {"0": "phone", "1": "name"}


def changing(days: int = 91, name: str = "New") -> Import:
    """An import that changed five people and ended so many days ago."""
    for phone in NUMBERS:
        if db.session.scalar(select(Customer).where(Customer.phone == phone)) is None:
            factories.make_customer(phone=phone, name="Old")
    db.session.commit()
    return aged(brought_in(_file(name), COLUMNS), days)


def aged(import_: Import, days: int) -> Import:
    ended = clock.now() - timedelta(days=days)
    moments = {"finished_at": ended, "updated_at": ended}
    db.session.execute(update(Import).where(Import.id == import_.id).values(moments))
    db.session.commit()
    db.session.refresh(import_)
    return import_


def journaled(import_: Import) -> int:
    query = select(func.count()).select_from(ImportChange).where(ImportChange.import_id == import_.id)
    return db.session.scalar(query) or 0


def one_batch(rows: int) -> int:
    """As much as one transaction of the daily run forgets."""
    rule = retention.rule_of("import_changes")
    assert rule.before is not None
    gone = rule.kind.purge(rule.before, rows)
    db.session.commit()
    db.session.expire_all()
    return gone


def test_old_changes_go_and_young_ones_stay(app: Flask) -> None:
    old, young = changing(91), changing(89, "Newer")
    assert retention.rule_of("import_changes").count() == 5
    assert door.keep_house()["import_changes"] == 5
    db.session.expire_all()
    assert (journaled(old), journaled(young)) == (0, 5)
    assert (old.changes_forgotten_at is not None, young.changes_forgotten_at) == (True, None)


def test_half_a_journal_restores_nobody(app: Flask) -> None:
    import_ = changing()
    assert one_batch(2) == 2
    before = contents("customers", "import_changes")
    with pytest.raises(Refused, match=r"What this import changed was forgotten on \d+ \w+ \d{4} by the retention rule"):
        service.start_undo(import_)
    assert contents("customers", "import_changes") == before
    assert import_.status is ImportStatus.IMPORTED


@pytest.mark.parametrize("status", [ImportStatus.IMPORTING, ImportStatus.UNDOING])
def test_the_journal_of_one_under_way_is_let_alone(app: Flask, status: ImportStatus) -> None:
    import_ = changing(400)
    import_.status = status
    db.session.commit()
    assert retention.rule_of("import_changes").count() == 0
    assert one_batch(10) == 0
    assert (journaled(import_), import_.changes_forgotten_at) == (5, None)


def test_whoever_holds_the_import_to_undo_it_comes_first(app: Flask) -> None:
    import_ = changing()
    with db.engine.connect() as other:
        other.execute(select(Import.id).where(Import.id == import_.id).with_for_update(key_share=True))
        assert one_batch(10) == 0
    assert one_batch(10) == 5


def test_one_that_only_created_can_be_undone_after_years(app: Flask) -> None:
    import_ = aged(brought_in(_file("New"), COLUMNS), 1000)
    assert "import_changes" not in door.keep_house()
    undone(import_)
    assert import_.status is ImportStatus.UNDONE
    assert db.session.scalars(select(Customer)).all() == []


def test_rows_that_said_nothing_new_are_not_missed(app: Flask) -> None:
    factories.make_customer(phone=NUMBERS[0], name="New")
    db.session.commit()
    import_ = aged(brought_in(_file("New"), COLUMNS), 91)
    assert (one_batch(10), import_.changes_forgotten_at) == (1, None)
    undone(import_)
    assert import_.status is ImportStatus.UNDONE
    assert db.session.scalars(select(Customer.phone)).all() == [NUMBERS[0]]


def test_one_that_failed_does_not_go_on_without_its_journal(app: Flask) -> None:
    changing(1)
    import_ = brought_in(_file("New"), COLUMNS)  # finds all as they are
    import_.status = ImportStatus.FAILED
    aged(import_, 91)
    assert one_batch(10) == 5
    with pytest.raises(Refused, match="forgotten by the retention rule; bring the file anew"):
        service.start(import_)


def test_the_days_of_its_file_go_on(app: Flask) -> None:
    import_ = changing()
    before = import_.updated_at
    one_batch(10)
    assert import_.changes_forgotten_at is not None
    assert import_.updated_at == before


def test_whom_another_list_of_opt_outs_names_stays_silent_however_old_it_is(app: Flask) -> None:
    lists = [brought_in("Phone\n+919812345671\n", {"0": "phone"}, kind=ImportKind.OPT_OUTS) for _ in range(2)]
    first, second = (aged(one, 1000) for one in lists)
    assert retention.rule_of("import_changes").count() == 0
    door.keep_house()
    assert outlook.of(first).left == 1
    service.start_undo(first, "wrong file")
    assert journaled(second) == 1
    assert suppression.is_suppressed("+919812345671")


def test_its_page_says_why_and_offers_nothing(client: FlaskClient, cast: SimpleNamespace) -> None:
    import_, mona = changing(), factories.login(client, cast.mona)
    at = f"/imports/{import_.public_id}"
    page = mona.get(at).text
    assert "Undo this import" in page
    assert f"{at}/rows/updated" in page
    one_batch(2)
    page = mona.get(at).text
    assert "Undo this import" not in page
    assert "by the retention rule; it cannot be undone." in page
    assert f"{at}/rows/updated" not in page  # there is nobody to show behind the number


def test_page_and_api_refuse_with_a_sentence(app: Flask, client: FlaskClient, cast: SimpleNamespace) -> None:
    import_, mona = changing(), factories.login(client, cast.mona)
    api, at = Caller(app, token_of(cast.mona)), f"/imports/{import_.public_id}"
    one_batch(2)
    answers = [api.post(f"{at}/undo", {}), mona.get(f"{at}/undo"), mona.post(f"{at}/undo", data={"sure": "yes"})]
    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert all("What this import changed was forgotten on" in answer.text for answer in answers)
    assert journaled(import_) == 3


def _file(name: str) -> str:
    return "Phone,Name\n" + "".join(f"{phone},{name}\n" for phone in NUMBERS)

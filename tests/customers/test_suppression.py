"""The list of those who never get marketing again: it finds them, and names nobody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import text

from app.auth import workspace
from app.customers.privacy.models import Suppression
from app.customers.service import suppression
from app.extensions import db

ASHA, RAVI = "+919800000001", "+919800000002"


def test_it_finds_whom_it_was_given(app: Flask) -> None:
    assert suppression.suppress([ASHA, "IN.1", ASHA], "erased", "page") == 2
    assert suppression.is_suppressed(RAVI, "IN.1")
    assert not suppression.is_suppressed(RAVI, None)


def test_it_keeps_no_number(app: Flask) -> None:
    suppression.suppress([ASHA], "erased")
    row = db.session.query(Suppression).one()
    assert (len(row.digest), row.reason) == (32, "erased")
    assert b"9800000001" not in row.digest


def test_the_first_reason_stands(app: Flask) -> None:
    suppression.suppress([ASHA], "erased")
    assert suppression.suppress([ASHA, RAVI], "import") == 1
    assert [row.reason for row in db.session.query(Suppression).order_by(Suppression.id)] == ["erased", "import"]


def test_it_can_be_lifted(app: Flask) -> None:
    suppression.suppress([ASHA, RAVI], "banned")
    assert suppression.lift([ASHA]) == 1
    assert not suppression.is_suppressed(ASHA)
    assert suppression.is_suppressed(RAVI)


def test_an_empty_list_knows_nobody_and_needs_no_salt(app: Flask) -> None:
    assert not suppression.is_suppressed(ASHA)
    assert suppression.suppress([], "erased") == 0
    assert workspace.current().suppression_salt is None


def test_postgresql_digests_as_we_do(app: Flask) -> None:
    salt = suppression.salt()
    theirs = db.session.scalar(
        text("SELECT sha256(convert_to(:salt || :phone, 'UTF8'))"), {"salt": salt, "phone": ASHA}
    )
    assert bytes(theirs) == suppression.digest_of(salt, ASHA)


def test_the_salt_is_made_once_and_kept_encrypted(app: Flask) -> None:
    salt = suppression.salt()
    db.session.commit()
    assert suppression.salt() == salt
    assert salt not in db.session.scalars(text("SELECT suppression_salt FROM workspaces")).one()


def test_of_two_who_make_the_salt_at_once_both_have_the_same(app: Flask) -> None:
    def made(_: int) -> str:
        with app.app_context():
            salt = suppression.salt()
            db.session.commit()
            return salt

    workspace.current()
    db.session.commit()
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(made, range(4)))) == 1

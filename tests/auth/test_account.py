from __future__ import annotations

import re

from app.auth import passwords, tokens
from app.auth.models import ApiToken
from app.extensions import db
from tests.factories import PASSWORD, login

NEW = {"old_password": PASSWORD, "password": "a quite new password", "again": "a quite new password"}


def test_it_changes_the_name(client, cast):
    login(client, cast.alice).post("/account/name", data={"name": "  Alice   Ahuja "})
    assert cast.alice.name == "Alice Ahuja"


def test_it_refuses_an_empty_name(client, cast):
    answer = login(client, cast.alice).post("/account/name", data={"name": "   "})
    assert answer.status_code == 422
    assert cast.alice.name == "Alice"


def test_it_changes_the_password_and_ends_other_sessions(client, phone, cast):
    login(phone, cast.alice)
    login(client, cast.alice).post("/account/password", data=NEW)
    assert passwords.matches(cast.alice, NEW["password"])
    assert phone.get("/account").status_code == 302
    assert client.get("/account").status_code == 200


def test_it_asks_for_the_present_password(client, cast):
    answer = login(client, cast.alice).post("/account/password", data=NEW | {"old_password": "guess"})
    assert answer.status_code == 422
    assert "This is not your present password." in answer.text
    assert passwords.matches(cast.alice, PASSWORD)


def test_it_refuses_a_short_password(client, cast):
    answer = login(client, cast.alice).post("/account/password", data=NEW | {"password": "short", "again": "short"})
    assert answer.status_code == 422
    assert "A password has 10 to 200 characters." in answer.text


def test_it_shows_a_token_once(client, cast):
    login(client, cast.alice)
    plain = re.search(r"blb_[\w-]+", client.post("/account/tokens", data={"name": "Nightly import"}).text)[0]
    assert tokens.authenticate(plain) == cast.alice
    page = client.get("/account").text
    assert plain not in page
    assert plain[-4:] in page


def test_it_keeps_no_plain_token(app, cast):
    token, plain = tokens.create(cast.alice, "Nightly import")
    assert plain not in str(vars(token))


def test_it_revokes_a_token(client, cast):
    token, plain = tokens.create(cast.alice, "Nightly import")
    db.session.commit()
    login(client, cast.alice).post(f"/account/tokens/{token.public_id}/revoke")
    assert tokens.authenticate(plain) is None


def test_it_leaves_other_peoples_tokens_alone(client, cast):
    token, plain = tokens.create(cast.bob, "Bob's")
    db.session.commit()
    assert login(client, cast.alice).post(f"/account/tokens/{token.public_id}/revoke").status_code == 404
    assert tokens.authenticate(plain) == cast.bob


def test_it_notes_when_a_token_was_last_used(app, cast):
    token, plain = tokens.create(cast.alice, "Nightly import")
    db.session.commit()
    tokens.authenticate(plain)
    assert db.session.query(ApiToken.last_used_at).scalar() is not None


def test_it_accepts_no_token_of_a_disabled_user(app, cast):
    _, plain = tokens.create(cast.bob, "Bob's")
    cast.bob.is_active = False
    db.session.commit()
    assert tokens.authenticate(plain) is None


def test_it_renews_an_old_hash_when_the_password_is_given(app, cast):
    from argon2 import PasswordHasher

    cast.alice.password_hash = weak = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    assert passwords.matches(cast.alice, PASSWORD)
    assert cast.alice.password_hash != weak
    assert passwords.matches(cast.alice, PASSWORD)

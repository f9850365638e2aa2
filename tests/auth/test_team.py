from __future__ import annotations

import re
from uuid import uuid4

from app.auth import passwords, queries
from app.auth.models import AuditEntry, Role
from app.extensions import db
from tests.factories import login, make_user

NEW = {"name": "Nisha Rao", "email": "Nisha@Example.com", "role": "manager"}


def test_it_adds_somebody_with_a_password_shown_once(client, cast):
    page = login(client, cast.alice).post("/team", data=NEW).text
    nisha = queries.user_by_email("nisha@example.com")
    assert nisha.role == Role.MANAGER
    assert passwords.matches(nisha, re.search(r"data-secret>([^<]+)<", page)[1])


def test_it_refuses_an_address_that_is_taken(client, cast):
    answer = login(client, cast.alice).post("/team", data=NEW | {"email": "BOB@example.com"})
    assert answer.status_code == 422
    assert "Somebody with this email address is already in the team." in answer.text


def test_it_refuses_what_is_no_address(client, cast):
    answer = login(client, cast.alice).post("/team", data=NEW | {"email": "nisha at example"})
    assert answer.status_code == 422
    assert "This is not an email address." in answer.text


def test_it_refuses_a_role_that_does_not_exist(client, cast):
    login(client, cast.alice)
    assert client.post("/team", data=NEW | {"role": "emperor"}).status_code == 422
    assert client.post(f"/team/{cast.bob.public_id}/role", data={"role": "emperor"}).status_code == 422


def test_it_changes_a_role_and_writes_it_down(client, cast):
    login(client, cast.alice).post(f"/team/{cast.bob.public_id}/role", data={"role": "manager"})
    assert cast.bob.role == Role.MANAGER
    entry = db.session.query(AuditEntry).filter_by(action="user.change_role").one()
    assert (entry.user_id, entry.details) == (cast.alice.id, {"old": "agent", "new": "manager"})


def test_it_keeps_the_last_owner(client, cast):
    answer = login(client, cast.alice).post(f"/team/{cast.alice.public_id}/role", data={"role": "viewer"})
    assert answer.status_code == 409
    assert "Alice is the last owner." in answer.text
    assert cast.alice.role == Role.OWNER


def test_it_counts_no_disabled_owner(client, cast):
    make_user("olga", "owner", is_active=False)
    db.session.commit()
    answer = login(client, cast.alice).post(f"/team/{cast.alice.public_id}/role", data={"role": "viewer"})
    assert answer.status_code == 409


def test_it_lets_an_owner_go_when_another_stays(client, cast):
    make_user("olga", "owner")
    db.session.commit()
    login(client, cast.alice).post(f"/team/{cast.alice.public_id}/role", data={"role": "viewer"})
    assert cast.alice.role == Role.VIEWER
    assert client.get("/team").status_code == 403


def test_it_shuts_a_disabled_member_out_at_the_next_request(client, phone, cast):
    login(phone, cast.bob)
    login(client, cast.alice).post(f"/team/{cast.bob.public_id}/disable")
    assert phone.get("/account").location == "/login?next=/account"


def test_it_lets_nobody_disable_themselves(client, cast):
    answer = login(client, cast.alice).post(f"/team/{cast.alice.public_id}/disable")
    assert answer.status_code == 409
    assert "You cannot disable yourself." in answer.text


def test_it_lets_a_disabled_member_in_again(client, phone, cast):
    login(client, cast.alice).post(f"/team/{cast.bob.public_id}/disable")
    client.post(f"/team/{cast.bob.public_id}/enable")
    login(phone, cast.bob)


def test_it_knows_no_stranger(client, cast):
    assert login(client, cast.alice).post(f"/team/{uuid4()}/disable").status_code == 404


def test_it_is_the_owners_business_alone(client, cast):
    login(client, cast.mona)
    assert client.post("/team", data=NEW).status_code == 403
    assert client.post(f"/team/{cast.mona.public_id}/role", data={"role": "owner"}).status_code == 403

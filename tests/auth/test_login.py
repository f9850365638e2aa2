from __future__ import annotations

import re

import pytest

from app.auth.models import AuditEntry, DeviceSession
from app.extensions import db
from tests.factories import PASSWORD, login


def _attempt(client, email, password, **query):
    return client.post("/login", query_string=query, data={"email": email, "password": password})


def test_it_lets_a_member_in(client, cast):
    login(client, cast.alice)
    assert client.get("/account").status_code == 200
    assert cast.alice.last_login_at is not None


def test_it_takes_the_address_in_any_case(client, cast):
    assert _attempt(client, " Alice@Example.COM ", PASSWORD).status_code == 302


def test_it_says_the_same_to_a_wrong_password_and_an_unknown_address(client, cast):
    wrong = _attempt(client, cast.alice.email, "not the password")
    unknown = _attempt(client, "nobody@example.com", "not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert _words(wrong, cast.alice.email) == _words(unknown, "nobody@example.com")


def _words(answer, address):
    """The page without the address and the CSRF tokens, which hold the second of their making."""
    return re.sub(r'(csrf_token" value|csrf-token" content)="[^"]+"', "", answer.text.replace(address, ""))


def test_it_refuses_a_disabled_member(client, cast):
    cast.bob.is_active = False
    db.session.commit()
    assert _attempt(client, cast.bob.email, PASSWORD).status_code == 401
    assert db.session.query(DeviceSession).count() == 0


def test_it_points_at_an_empty_field(client, cast):
    answer = _attempt(client, "", PASSWORD)
    assert answer.status_code == 422
    assert "Give your email address." in answer.text


def test_it_leads_back_to_the_page_that_was_asked_for(client, cast):
    asked = client.get("/audit?action=user.login")
    assert asked.location == "/login?next=/audit?action%3Duser.login"
    assert client.post(asked.location, data={"email": cast.alice.email, "password": PASSWORD}).location == (
        "/audit?action=user.login"
    )


@pytest.mark.parametrize(
    "target",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "evil"],
)
def test_it_leads_to_no_strangers_page(client, cast, target):
    assert _attempt(client, cast.alice.email, PASSWORD, next=target).location == "/"


def test_it_keeps_a_failed_login_in_the_audit_log(client, cast):
    _attempt(client, cast.alice.email, "not the password")
    entry = db.session.query(AuditEntry).one()
    assert (entry.action, entry.subject_id, entry.user_id) == ("user.login_failed", cast.alice.id, None)


def test_it_tells_htmx_to_leave_for_the_login_page(client, cast):
    answer = client.get("/account", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")

from __future__ import annotations

import re

import pytest

from tests.factories import PASSWORD, login


@pytest.fixture
def guarded(application, client, cast, monkeypatch):
    login(client, cast.alice)
    monkeypatch.setitem(application.config, "WTF_CSRF_ENABLED", True)
    return client


def _token(client) -> str:
    return re.search(r'name="csrf-token" content="([^"]+)"', client.get("/account").text)[1]


@pytest.mark.parametrize("path", ["/logout", "/account/name", "/account/tokens", "/team"])
def test_it_refuses_a_form_without_its_token(guarded, path):
    answer = guarded.post(path, data={"name": "Mallory"})
    assert answer.status_code == 400
    assert "This form is no longer valid." in answer.text


def test_it_takes_the_token_of_the_page(guarded, cast):
    guarded.post("/account/name", data={"name": "Alice Ahuja", "csrf_token": _token(guarded)})
    assert cast.alice.name == "Alice Ahuja"


def test_it_takes_the_token_in_htmxs_header(guarded, cast):
    guarded.post("/account/name", data={"name": "Alice Ahuja"}, headers={"X-CSRFToken": _token(guarded)})
    assert cast.alice.name == "Alice Ahuja"


def test_it_refuses_a_login_without_its_token(application, client, cast, monkeypatch):
    monkeypatch.setitem(application.config, "WTF_CSRF_ENABLED", True)
    assert client.post("/login", data={"email": cast.alice.email, "password": PASSWORD}).status_code == 400

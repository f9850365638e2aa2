"""Who may call, and how strangers and mistakes are answered."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from app.auth import tokens
from app.auth.models import ApiToken
from app.extensions import db
from tests import factories
from tests.api.conftest import Caller, token_of

NOBODY = "00000000-0000-7000-8000-000000000000"


def test_it_refuses_a_stranger_and_says_how_to_come_in(stranger: Caller) -> None:
    answer = stranger.get("/campaigns")
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "unauthorized")
    assert "Authorization: Bearer" in answer.json["error"]["message"]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("token", ["blb_wrong", "wrong", "", "\xff", "blb_" + "x" * 5000])
def test_it_refuses_an_unknown_token(app: Flask, token: str) -> None:
    answer = Caller(app).call("GET", "/campaigns", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_it_refuses_a_revoked_token(api: Caller) -> None:
    assert api.get("/campaigns").status_code == 200
    tokens.revoke(db.session.scalars(select(ApiToken)).one())
    db.session.commit()
    assert api.get("/campaigns").status_code == 401


def test_it_refuses_the_token_of_a_disabled_user(api: Caller, cast: SimpleNamespace) -> None:
    cast.mona.is_active = False
    db.session.commit()
    assert api.get("/campaigns").status_code == 401


def test_a_viewer_may_look_but_not_act(app: Flask, cast: SimpleNamespace) -> None:
    vera = Caller(app, token_of(cast.vera))
    assert vera.get("/campaigns").status_code == 200
    answer = vera.post("/campaigns", {"name": "x"})
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "forbidden")
    assert vera.post(f"/campaigns/{NOBODY}/start").status_code == 403


def test_a_session_cookie_opens_nothing(app: Flask, cast: SimpleNamespace) -> None:
    browser = factories.login(app.test_client(), cast.alice)
    assert browser.get("/api/whatsapp/campaigns").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", f"/campaigns/{NOBODY}", 404),
        ("GET", "/campaigns/1", 404),
        ("PATCH", "/campaigns", 405),
    ],
)
def test_every_error_is_json(api: Caller, method: str, path: str, status: int) -> None:
    answer = api.call(method, path)
    assert answer.status_code == status
    assert set(answer.json["error"]) == {"code", "message", "fields"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"data": "name=x", "content_type": "application/x-www-form-urlencoded"}, 415),
        ({"data": "x"}, 415),
        ({}, 415),
        ({"data": "{", "content_type": "application/json"}, 400),
        ({"data": b"\xff", "content_type": "application/json"}, 400),
        ({"data": "[" * 100_000, "content_type": "application/json"}, 400),
        ({"data": "null", "content_type": "application/json"}, 422),
        ({"data": "[]", "content_type": "application/json"}, 422),
        ({"data": '"name"', "content_type": "application/json"}, 422),
        ({"json": {"name": "x", "colour": "red"}}, 422),
        ({"json": {"name": "nul \x00"}}, 422),
        ({"data": '{"name": "\\ud800"}', "content_type": "application/json"}, 422),
        ({"data": "{" + " " * 6_000_000 + "}", "content_type": "application/json"}, 413),
    ],
)
def test_a_body_it_cannot_use_is_refused_in_words(api: Caller, body: dict[str, object], status: int) -> None:
    answer = api.call("POST", "/campaigns", **body)
    assert answer.status_code == status, answer.text
    assert answer.json["error"]["message"]


def test_it_names_the_fields_that_are_wrong(api: Caller) -> None:
    error = api.post("/campaigns", {"rate_limit": 0, "colour": "red"}).json["error"]
    assert error["code"] == "invalid"
    assert set(error["fields"]) == {"name", "rate_limit", "colour"}
    assert error["fields"]["colour"] == ["There is no such field."]


def test_it_counts_calls_by_token(api: Caller, app: Flask, cast: SimpleNamespace) -> None:
    answers = [api.get("/campaigns?page=0").status_code for _ in range(601)]
    assert answers.count(429) == 1
    last = api.get("/campaigns")
    assert (last.status_code, last.json["error"]["code"]) == (429, "too_many_requests")
    assert int(last.headers["Retry-After"]) > 0
    assert Caller(app, token_of(cast.alice)).get("/campaigns").status_code == 200

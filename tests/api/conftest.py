"""Programs that call the API: each request in a context of its own, as a server gives it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.auth import tokens
from app.auth.models import User
from app.channels.models import Channel
from app.extensions import db
from app.message_templates.models import MessageTemplate
from tests import factories


@dataclass(frozen=True)
class Caller:
    """A program with a token (or none)."""

    app: Flask
    token: str | None = None

    def call(self, method: str, path: str, **body: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with self.app.app_context():
            return self.app.test_client().open(
                f"/api/whatsapp{path}", method=method, headers=headers | body.pop("headers", {}), **body
            )

    def get(self, path: str) -> TestResponse:
        return self.call("GET", path)

    def post(self, path: str, json: Any = None) -> TestResponse:
        return self.call("POST", path, **({} if json is None else {"json": json}))

    def upload(self, path: str, content: bytes, **fields: str) -> TestResponse:
        return self.call("POST", path, data={"file": (BytesIO(content), "people.csv"), **fields})


def token_of(user: User, name: str = "CRM") -> str:
    _, plain = tokens.create(user, name)
    db.session.commit()
    return plain


@pytest.fixture
def api(app: Flask, cast: SimpleNamespace) -> Caller:
    """Mona's program: a manager may make and send campaigns."""
    return Caller(app, token_of(cast.mona))


@pytest.fixture
def stranger(app: Flask) -> Caller:
    return Caller(app)


@pytest.fixture
def channel(app: Flask) -> Channel:
    made = factories.make_channel(messages_per_second=1000)
    db.session.commit()
    return made


@pytest.fixture
def template(channel: Channel) -> MessageTemplate:
    """goa_monsoon_offer: approved, marketing, two variables."""
    made = factories.make_template(channel)
    db.session.commit()
    return made

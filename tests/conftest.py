"""The house's fixtures: a real database made by the migrations, a real Redis, the application, a cast of people.

One database and one Redis number per xdist worker; every table is emptied before each test.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import argon2
import psycopg
import pytest
import redis
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from psycopg import sql
from sqlalchemy.engine import make_url

from app import create_app
from app.auth import passwords
from app.extensions import db
from tests import tables
from tests.sandboxes import Sandbox, free_port, point_at, started

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery"


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """PostgreSQL and Redis: those of TEST_DATABASE_URL and TEST_REDIS_URL, else embedded ones of our own."""
    if "TEST_DATABASE_URL" in os.environ:
        yield SimpleNamespace(database_url=os.environ["TEST_DATABASE_URL"], redis_url=os.environ["TEST_REDIS_URL"])
        return
    sys.path.insert(0, str(ROOT / "bin" / "lib"))
    from servers import EmbeddedServers

    with EmbeddedServers(tmp_path_factory.mktemp("servers"), durable=False) as embedded:
        yield embedded


@pytest.fixture(scope="session")
def environment(
    servers: SimpleNamespace, worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """The environment of this worker's application: a database and a Redis number of its own."""
    name = f"bulbul_test_{worker_id}_{os.getpid()}"
    admin = servers.database_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = make_url(admin).set(database=name, drivername="postgresql")
    yield {
        "DATABASE_URL": url.render_as_string(hide_password=False),
        "REDIS_URL": redis_url(servers.redis_url, worker_id),
        "SECRET_KEY": "a-key-for-tests-only",
        "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "VAR_DIR": str(tmp_path_factory.mktemp("var")),
        "BULBUL_TESTING": "1",
        "LOG_LEVEL": "WARNING",
    }
    # Tidying up: an embedded server that is going down with its databases is no fault of a test.
    with suppress(psycopg.OperationalError), psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def redis_url(server: str, worker_id: str) -> str:
    """The server's own number for a run of one process, a number of its own for each xdist worker."""
    if worker_id == "master":
        return server
    number = 1 + int(worker_id.removeprefix("gw"))
    if server.startswith("unix:"):
        return f"{server.split('?')[0]}?db={number}"
    return f"{'/'.join(server.split('/')[:3])}/{number}"


@pytest.fixture(scope="session")
def application(environment: dict[str, str]) -> Iterator[Flask]:
    """The application on a database that the migrations made."""
    from flask_migrate import upgrade

    passwords._hasher = argon2.PasswordHasher.from_parameters(argon2.profiles.CHEAPEST)  # thousands of logins
    app = create_app(environment)
    with app.app_context():
        upgrade()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(application: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application inside a context, on empty tables and an empty Redis number.

    Without CSRF tokens: few tests are about them; those that are turn them on again.
    """
    monkeypatch.setitem(application.config, "WTF_CSRF_ENABLED", False)
    with application.app_context():
        tables.empty()
        connection_to_redis: redis.Redis = application.extensions["redis"]
        connection_to_redis.flushdb()
        yield application
        db.session.remove()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that has not logged in."""
    return app.test_client()


@pytest.fixture
def cast(app: Flask) -> SimpleNamespace:
    """Alice owns, Mona manages, Bob is an agent, Vera only looks."""
    from tests import factories

    people = {"alice": "owner", "mona": "manager", "bob": "agent", "vera": "viewer"}
    made = {name: factories.make_user(name, role) for name, role in people.items()}
    db.session.commit()
    return SimpleNamespace(**made)


@pytest.fixture(scope="session")
def sandbox_program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """The sandbox as a program of its own, once a run."""
    with started(tmp_path_factory.mktemp("sandbox")) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_program: Sandbox, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A fresh and quick sandbox that the application takes for Meta."""
    sandbox_program.control("POST", "reset")
    sandbox_program.control("PUT", "config", latency_ms=5, throughput_mps=0)
    point_at(app, sandbox_program.url, monkeypatch)
    return sandbox_program


@pytest.fixture
def nobody(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Meta cannot be reached."""
    point_at(app, f"http://127.0.0.1:{free_port()}", monkeypatch)

"""The house as these tests find it: an old pulse forgotten, Redis away, workers that only say they live."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from threading import Thread

import pytest
import redis
from flask import Flask
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import SimpleWorker, Worker
from werkzeug.serving import make_server

from app.channels.models import Channel
from app.channels.service import ensure_channel
from app.config import current
from app.extensions import db, redis_connection
from app.operations import pulse, scheduler
from app.shared import clock, queues
from tests.sandboxes import free_port


@pytest.fixture(autouse=True)
def fresh_pulse(app: Flask) -> None:
    """No test sees the pulse that another one took."""
    app.extensions.pop(pulse.KEPT_AS, None)


@pytest.fixture
def redis_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers where Redis should be."""
    monkeypatch.setitem(app.extensions, "redis", redis.Redis(port=free_port(), retry=Retry(NoBackoff(), 0)))


@pytest.fixture
def worker(app: Flask) -> Iterator[Worker]:
    """A worker that is registered, idle, and serves every queue."""
    found = Worker([queues.queue(name) for name in queues.ALL], connection=redis_connection())
    found.register_birth()
    found.set_state("idle")
    yield found
    found.register_death()


@pytest.fixture
def ticking(app: Flask) -> None:
    """A scheduler ticked just now."""
    redis_connection().set(scheduler.HEARTBEAT, clock.now().isoformat())


@pytest.fixture
def failed_job(app: Flask) -> Callable[..., str]:
    """Lets a job fail through a real worker; returns its id."""

    def fail(job: Callable[..., object], *arguments: object) -> str:
        found = queues.queue(queues.SYNC).enqueue(job, *arguments, failure_ttl=600)
        queue = queues.queue(queues.SYNC)
        SimpleWorker([queue], connection=redis_connection()).work(burst=True, logging_level="CRITICAL")
        return str(found.id)

    return fail


@pytest.fixture
def change_settings(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Gives the application other settings until the test's end."""

    def change(**settings: object) -> None:
        monkeypatch.setitem(app.extensions, "bulbul_config", dataclasses.replace(current(), **settings))

    return change


@pytest.fixture
def connected(app: Flask) -> Channel:
    """The environment's channel, not read yet."""
    channel = ensure_channel(current())
    db.session.commit()
    return channel


@pytest.fixture
def door(app: Flask, change_settings: Callable[..., None]) -> Iterator[str]:
    """Our own web server, answering over real HTTP at the PUBLIC_URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    change_settings(public_url=f"http://127.0.0.1:{server.server_port}")
    yield current().public_url
    server.shutdown()
    thread.join()
    server.server_close()

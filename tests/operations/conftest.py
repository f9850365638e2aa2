"""The house as these tests find it: an old pulse forgotten, Redis away, workers that only say they live."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import redis
from flask import Flask
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import SimpleWorker, Worker

from app.extensions import redis_connection
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

"""The doorbell: RQ queues by what waits in them. PostgreSQL remembers what is due; a lost ring only delays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import structlog
from redis.exceptions import RedisError
from rq import Queue

from app.extensions import redis_connection

RECEIPTS = "receipts"  # webhooks to digest
SENDS = "sends"  # ticks of a campaign
IMPORTS = "imports"  # CSV files
SYNC = "sync"  # what is fetched from Meta
ALL = (RECEIPTS, SENDS, IMPORTS, SYNC)

# A day: failed jobs stay on the jobs page for a look, not for a year (RQ's default).
FAILURE_TTL = 24 * 3600
JOB_TIMEOUT = {RECEIPTS: 120, SENDS: 240, IMPORTS: 4 * 3600, SYNC: 600}

log = structlog.get_logger()


class Ring(NamedTuple):
    """A ring that a verb asks for; the door rings it after its commit."""

    queue: str
    job: Callable[..., Any]
    args: tuple[object, ...]


def queue(name: str) -> Queue:
    """The RQ queue of that name."""
    return Queue(name, connection=redis_connection())


def ring(name: str, job: Callable[..., Any], *arguments: object) -> bool:
    """Enqueue `job(*arguments)`; False when Redis is away. The scheduler rings again for whatever is due.

    Call it after the commit: a worker must find what it is rung for. Only ids travel.
    """
    try:
        queue(name).enqueue(job, *arguments, job_timeout=JOB_TIMEOUT[name], result_ttl=0, failure_ttl=FAILURE_TTL)
    except RedisError as error:
        log.warning("queues.ring_failed", queue=name, job=job.__name__, error=type(error).__name__)
        return False
    return True


def has_waiting() -> bool:
    """Whether any job waits for a worker; False when Redis is away."""
    try:
        return any(redis_connection().llen(queue(name).key) for name in ALL)
    except RedisError:
        return False


def ring_once(name: str, key: str, seconds: int, job: Callable[..., Any], *arguments: object) -> bool:
    """Ring unless somebody rang for the same `key` within so many seconds: a busy queue must not fill with rings."""
    try:
        if not redis_connection().set(f"rung:{key}", b"1", nx=True, ex=seconds):
            return False
    except RedisError as error:
        log.warning("queues.ring_failed", queue=name, job=job.__name__, error=type(error).__name__)
        return False
    return ring(name, job, *arguments)

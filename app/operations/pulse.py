"""The pulse: does anybody work, does anybody tick? Every page asks, so the answer is kept for five seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, url_for
from redis.exceptions import RedisError
from rq import Worker

from app.auth.access import can
from app.auth.banners import Banner
from app.extensions import redis_connection
from app.operations import scheduler
from app.shared import queues

KEPT_SECONDS = 5.0
KEPT_AS = "operations.pulse"


@dataclass(frozen=True, slots=True)
class Pulse:
    """Living workers (None when Redis is away, so that nobody knows), the scheduler's last tick, and our queues
    that none of the workers serves."""

    workers: int | None
    ticked_at: datetime | None
    unserved: tuple[str, ...] = ()


def take() -> Pulse:
    """The pulse now. A worker lives as long as RQ keeps its key, which its heartbeat renews."""
    try:
        workers = Worker.all(connection=redis_connection())
    except RedisError:
        return Pulse(None, None)
    served = {name for worker in workers for name in worker.queue_names()}
    return Pulse(len(workers), scheduler.heartbeat(), tuple(name for name in queues.ALL if name not in served))


def recent() -> Pulse:
    """The pulse of the last five seconds."""
    taken_at, pulse = current_app.extensions.get(KEPT_AS, (0.0, None))
    if pulse is None or time.monotonic() - taken_at > KEPT_SECONDS:
        pulse = take()
        current_app.extensions[KEPT_AS] = (time.monotonic(), pulse)
    found: Pulse = pulse
    return found


def banner() -> Banner | None:
    """What stands still and for whom to know: nothing is lost meanwhile, but nothing leaves either."""
    if not can("jobs.view") or (sentence := _trouble(recent())) is None:
        return None
    return Banner(sentence, "danger", url_for("operations.jobs"), "See the jobs page")


def _trouble(pulse: Pulse) -> str | None:
    if pulse.workers is None:
        return "Redis cannot be reached: work waits until it is back. Nothing is lost."
    if pulse.workers == 0:
        return "No worker runs: nothing is sent or read in until one is started (python worker.py)."
    if pulse.unserved:
        return f"No worker serves {' and '.join(pulse.unserved)}: what waits there stands still."
    if pulse.ticked_at is None:
        return (
            "No scheduler ticks: scheduled campaigns do not begin until one is started (python worker.py --scheduler)."
        )
    return None

"""The scheduler: rings the tick every two seconds. Safe to run twice; whatever it does is claimed first."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from datetime import datetime
from types import FrameType

import structlog
from flask import Flask
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db, redis_connection
from app.operations import tick
from app.shared import clock

EVERY_SECONDS = 2.0
HEARTBEAT = "scheduler:heartbeat"
HEARTBEAT_TTL = 60

log = structlog.get_logger()


def run(app: Flask) -> None:
    """Tick until SIGTERM or SIGINT; a database or Redis that is away for a while is waited for."""
    stopping = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    log.info("scheduler.started", host=socket.gethostname(), pid=os.getpid())
    while not stopping.is_set():
        started = time.monotonic()
        with app.app_context():
            _tick_once()
        stopping.wait(max(0.1, EVERY_SECONDS - (time.monotonic() - started)))
    log.info("scheduler.stopped")


def heartbeat() -> datetime | None:
    """When a scheduler last ticked; None when none has within a minute, or Redis is away."""
    try:
        value: bytes | None = redis_connection().get(HEARTBEAT)  # type: ignore[assignment]
    except RedisError:
        return None
    return datetime.fromisoformat(value.decode()) if value else None


def _tick_once() -> None:
    try:
        tick.tick()
        redis_connection().set(HEARTBEAT, clock.now().isoformat(), ex=HEARTBEAT_TTL)
    except (SQLAlchemyError, RedisError) as error:
        log.warning("scheduler.tick_failed", error=type(error).__name__)
    finally:
        db.session.remove()

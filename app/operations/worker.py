"""The RQ worker of this house: the application loaded once, each job in a fork with connections of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from flask import Flask
from rq import Queue, Worker
from rq.job import Job
from rq.registry import StartedJobRegistry

from app.extensions import db, redis_connection
from app.shared import logs, stopping

MAINTENANCE_SECONDS = 60  # how soon jobs of dead workers are found; RQ's own 600 is long for a shop
WORKER_TTL = 45  # an idle worker beats more often than this; RQ's own 420 would call a dead one alive for minutes


def run_worker(app: Flask, names: Sequence[str]) -> None:
    """Serve these queues, the first before the second, until SIGTERM; a running job is told, and ends in 20 seconds."""
    with app.app_context():
        connection = redis_connection()
        worker = HouseWorker(
            [Queue(name, connection=connection) for name in names],
            connection=connection,
            maintenance_interval=MAINTENANCE_SECONDS,
            worker_ttl=WORKER_TTL,
        )
        worker.work(logging_level="WARNING")


class HouseWorker(Worker):
    """Runs each job inside the application's context, with its id in every log line; tells it when it is told to stop.

    RQ would leave the job alone until it ends, which is longer than whoever stops us waits.
    """

    is_told = False

    def handle_warm_shutdown_request(self) -> None:
        super().handle_warm_shutdown_request()
        self.is_told = True
        self._tell_horse()

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        super().fork_work_horse(job, queue)
        if self.is_told:  # between the fork and its number being known
            self._tell_horse()

    def _tell_horse(self) -> None:
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)

    def setup_work_horse_signals(self) -> None:
        super().setup_work_horse_signals()
        stopping.listen()

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        stopping.listen()
        # A connection shared with the parent would mix two processes' answers.
        db.engine.dispose(close=False)
        super().main_work_horse(job, queue)

    def perform_job(self, job: Job, queue: Queue) -> bool:
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(job_id=job.id, job=job.func_name)
        try:
            return bool(super().perform_job(job, queue))
        finally:
            db.session.remove()

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        db.session.rollback()
        structlog.get_logger().error("job.failed", exc_info=exc_info[:3])
        super().handle_exception(job, *exc_info)

    def handle_job_failure(
        self, job: Job, queue: Queue, started_job_registry: StartedJobRegistry | None = None, exc_string: str = ""
    ) -> None:
        """What RQ keeps of a failure in Redis names no customer."""
        super().handle_job_failure(job, queue, started_job_registry, logs.nameless(exc_string))

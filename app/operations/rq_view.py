"""What RQ knows, as plain facts for the jobs page: queues, workers, jobs under way, waiting and failed.

Nothing here runs RQ's clean-up or unpickles a job: a look must change nothing, and arguments stay unread
but for the ids in a job's description.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice

from rq import Queue, Worker
from rq.job import Job
from rq.registry import BaseRegistry, DeferredJobRegistry, FailedJobRegistry, ScheduledJobRegistry, StartedJobRegistry
from rq.worker import BaseWorker

from app.extensions import redis_connection
from app.shared import queues

SHOWN = 200  # failed jobs on a page; the rest is counted
FRAME = '  File "'
_CALL = re.compile(r"(?P<path>[\w.]+)\((?P<arguments>.*)\)", re.DOTALL)
_IDS = re.compile(r"[\d, ]*")
_EXCEPTION = re.compile(r"(?P<name>[A-Za-z_][\w.]*)(?::\s*(?P<sentence>.*))?")


@dataclass(frozen=True, slots=True)
class QueueView:
    """A queue: how many wait, since when the oldest, and how many workers serve it."""

    name: str
    depth: int
    oldest_at: datetime | None
    workers: int
    started: int
    failed: int


@dataclass(frozen=True, slots=True)
class WorkerView:
    """A living worker."""

    name: str
    state: str
    queues: tuple[str, ...]
    host: str | None
    pid: int | None
    heartbeat_at: datetime | None
    began_at: datetime | None
    job: JobView | None


@dataclass(frozen=True, slots=True)
class JobView:
    """A job without its arguments: what it does, and the ids it is for. `at` is when it came into its list."""

    id: str
    queue: str
    deed: str
    ids: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed job with the words of its exception; foreign text may stand in them."""

    job: JobView
    exception: str
    sentence: str
    traceback: str


@dataclass(frozen=True, slots=True)
class FailedGroup:
    """The failed jobs that share an exception, newest first."""

    exception: str
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The numbers that change: queues, workers, jobs under way and jobs that wait for a time or another job."""

    queues: tuple[QueueView, ...]
    workers: tuple[WorkerView, ...]
    started: tuple[JobView, ...]
    waiting: tuple[JobView, ...]

    @property
    def failed(self) -> int:
        """How many failed jobs are kept."""
        return sum(queue.failed for queue in self.queues)


def overview() -> Overview:
    """Everything but the failed jobs. Raises RedisError when Redis is away."""
    workers = tuple(_worker(worker) for worker in Worker.all(connection=redis_connection()))
    return Overview(
        tuple(_queue(queue, workers) for queue in _queues()),
        tuple(sorted(workers, key=lambda worker: (worker.host or "", worker.pid or 0))),
        tuple(_jobs_in(StartedJobRegistry)),
        (*_jobs_in(ScheduledJobRegistry), *_jobs_in(DeferredJobRegistry)),
    )


def failed_groups() -> list[FailedGroup]:
    """The newest failed jobs by their exception. Raises RedisError when Redis is away."""
    newest = sorted(islice(failures(), SHOWN), key=lambda failure: failure.exception)
    return [FailedGroup(name, tuple(group)) for name, group in groupby(newest, key=lambda failure: failure.exception)]


def failures() -> Iterator[Failure]:
    """Every failed job, newest first within its queue. Raises RedisError when Redis is away."""
    for queue in _queues():
        for job in _fetch(FailedJobRegistry(queue=queue).get_job_ids(desc=True, cleanup=False)):
            yield _failure(job)


def failed_count() -> int:
    """How many failed jobs are kept. Raises RedisError when Redis is away."""
    return sum(FailedJobRegistry(queue=queue).get_job_count(cleanup=False) for queue in _queues())


def depths() -> dict[str, int]:
    """How many jobs wait in each queue. Raises RedisError when Redis is away."""
    return {queue.name: queue.count for queue in _queues()}


def _queues() -> list[Queue]:
    """Ours in their order, then any other that holds something."""
    others = {queue.name for queue in Queue.all(connection=redis_connection())} - set(queues.ALL)
    return [queues.queue(name) for name in (*queues.ALL, *sorted(others))]


def _queue(queue: Queue, workers: Iterable[WorkerView]) -> QueueView:
    oldest = next(_fetch(queue.get_job_ids(0, 1)), None)
    return QueueView(
        queue.name,
        queue.count,
        oldest.enqueued_at if oldest else None,
        sum(queue.name in worker.queues for worker in workers),
        StartedJobRegistry(queue=queue).get_job_count(cleanup=False),
        FailedJobRegistry(queue=queue).get_job_count(cleanup=False),
    )


def _worker(worker: BaseWorker) -> WorkerView:
    job = next(_fetch(filter(None, [worker.get_current_job_id()])), None)
    return WorkerView(
        worker.name,
        str(worker.get_state()),
        tuple(worker.queue_names()),
        worker.hostname,
        worker.pid,
        worker.last_heartbeat,
        worker.birth_date,
        _job(job, job.started_at) if job else None,
    )


def _jobs_in(registry: type[BaseRegistry]) -> Iterator[JobView]:
    for queue in _queues():
        for job in _fetch(registry(queue=queue).get_job_ids(0, SHOWN - 1, cleanup=False)):
            yield _job(job, job.started_at or job.enqueued_at or job.created_at)


def _fetch(job_ids: Iterable[str]) -> Iterator[Job]:
    """The jobs that are still there: one may be done, or forgotten, between two looks."""
    return filter(None, Job.fetch_many(list(job_ids), connection=redis_connection()))


def _job(job: Job, at: datetime | None) -> JobView:
    call = _CALL.fullmatch(job.description or "")
    deed = call["path"].rpartition(".")[2].replace("_", " ") if call else "unknown"
    ids = call["arguments"] if call and _IDS.fullmatch(call["arguments"]) else ""
    return JobView(job.id, job.origin, deed, ids, at)


def _failure(job: Job) -> Failure:
    result = job.latest_result()
    traceback = (result.exc_string if result else None) or ""
    exception, sentence = read_exception(traceback)
    return Failure(_job(job, job.ended_at), exception, sentence, traceback)


def read_exception(traceback: str) -> tuple[str, str]:
    """The name and first words of the exception that ended this traceback.

    It stands after the last frame; its own words may go on for many lines.
    """
    lines = traceback.splitlines()
    frames = [number for number, line in enumerate(lines) if line.startswith(FRAME)]
    rest = lines[frames[-1] + 1 :] if frames else lines
    words = next((line for line in rest if line.strip() and not line.startswith(" ")), "")
    found = _EXCEPTION.fullmatch(words)
    return (found["name"], found["sentence"] or "") if found else ("Unknown", words)

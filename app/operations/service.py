"""What may be done to failed jobs. Deleting one loses nothing: PostgreSQL remembers what is due."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.registry import FailedJobRegistry

from app.extensions import redis_connection
from app.operations import rq_view

JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")  # RQ refuses to look for any other


def chosen(job_ids: Sequence[str], exception: str | None) -> list[str]:
    """These failed jobs, or with an `exception` all that ended with it. Raises RedisError when Redis is away."""
    if exception is None:
        return [job_id for job_id in job_ids if JOB_ID.fullmatch(job_id)]
    return [failure.job.id for failure in rq_view.failures() if failure.exception == exception]


def requeue(job_ids: Sequence[str]) -> int:
    """Let these failed jobs run again; returns how many there still were."""
    return sum(_done(_requeue, job_id) for job_id in job_ids)


def delete(job_ids: Sequence[str]) -> int:
    """Forget these failed jobs; returns how many there still were. One that runs is never touched."""
    return sum(_done(_delete, job_id) for job_id in job_ids)


def _done(deed: Callable[[Job, FailedJobRegistry], object], job_id: str) -> bool:
    try:
        job = Job.fetch(job_id, connection=redis_connection())
        deed(job, FailedJobRegistry(job.origin, connection=redis_connection()))
    except (NoSuchJobError, InvalidJobOperation):  # somebody else was quicker
        return False
    return True


def _requeue(job: Job, failed: FailedJobRegistry) -> None:
    failed.requeue(job)


def _delete(job: Job, failed: FailedJobRegistry) -> None:
    if not failed.remove(job):
        raise InvalidJobOperation
    job.delete()

"""Redis and those who listen to it: workers, scheduler, and the jobs that failed."""

from __future__ import annotations

from redis.exceptions import RedisError

from app.extensions import redis_connection
from app.operations import pulse, rq_view
from app.operations.checks.findings import Finding, bad, ok, warn
from app.operations.queries import in_words
from app.shared import clock

START_WORKER = "Start one: python worker.py"
START_SCHEDULER = "Start one: python worker.py --scheduler"


def redis() -> Finding:
    """Redis answers."""
    try:
        redis_connection().ping()
    except RedisError:
        return bad("Redis", "Redis cannot be reached.", "Check REDIS_URL and that the server runs.")
    return ok("Redis", "Redis answers.")


def redis_memory() -> Finding:
    """Redis throws no job away and finds its queues again after a restart."""
    try:
        facts = redis_connection().info()
    except RedisError:
        return bad("Redis memory", "Redis cannot be asked.", "See Redis.")
    policy = facts.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        return bad("Redis memory", f"Redis may throw jobs away ({policy}).", "Set maxmemory-policy noeviction.")
    if not facts.get("aof_enabled"):
        sentence = "Redis keeps no log (appendonly no): a restart of Redis delays work."
        return warn("Redis memory", sentence, "Set appendonly yes.")
    return ok("Redis memory", "Redis throws nothing away and keeps a log.")


def worker() -> Finding:
    """Somebody works, and every queue is served."""
    now = pulse.take()
    if not now.workers:
        return bad("Worker", "No worker runs." if now.workers == 0 else "Nobody knows: Redis is away.", START_WORKER)
    if now.unserved:
        fix = f"Start one: python worker.py {' '.join(now.unserved)}"
        return bad("Worker", f"No worker serves {' and '.join(now.unserved)}.", fix)
    at_work = f"{now.workers} are at work" if now.workers > 1 else "One is at work"
    return ok("Worker", f"{at_work}; every queue is served.")


def scheduler() -> Finding:
    """Somebody ticks."""
    ticked_at = pulse.take().ticked_at
    if ticked_at is None:
        return bad("Scheduler", "No tick within a minute.", START_SCHEDULER)
    return ok("Scheduler", f"It ticked {in_words(clock.now() - ticked_at)} ago.")


def failed_jobs() -> Finding | None:
    """No job lies broken; None when Redis is away, which another check says."""
    try:
        number = rq_view.failed_count()
    except RedisError:
        return None
    if number:
        sentence = f"{number} {'job has' if number == 1 else 'jobs have'} failed."
        return warn("Failed jobs", sentence, "Look at the Jobs page: let them run again or delete them.")
    return ok("Failed jobs", "No job has failed.")

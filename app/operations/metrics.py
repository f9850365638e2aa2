"""Figures for Prometheus, read from PostgreSQL and Redis at each scrape: counts only, nobody's data.

Nothing is kept in a process, so any number of web processes tell the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.auth import workspace
from app.campaigns.queries import figures, limit
from app.channels.queries import the_channel
from app.extensions import db
from app.operations import pulse, queries, rq_view
from app.shared import clock
from app.webhooks import tallies


def exposition() -> bytes:
    """The text of `/metrics`. What cannot be asked is left out, and its `_up` says 0."""
    registry = CollectorRegistry()
    for server, collect in (("database", _of_database), ("redis", _of_redis)):
        _gauge(registry, f"{server}_up", f"Whether the {server} answers.", _answers(collect, registry))
    return generate_latest(registry)


def _answers(collect: Callable[[CollectorRegistry], None], registry: CollectorRegistry) -> bool:
    try:
        collect(registry)
    except SQLAlchemyError:
        db.session.rollback()
        return False
    except RedisError:
        return False
    return True


def _of_database(registry: CollectorRegistry) -> None:
    webhooks = queries.webhook_health()
    age = (clock.now() - webhooks.oldest_at).total_seconds() if webhooks.oldest_at else 0
    _family(registry, "messages_today", "Today's messages.", "state", asdict(figures.today(workspace.zone())))
    _family(registry, "campaigns", "Campaigns.", "status", queries.campaigns_by_status())
    _gauge(registry, "webhooks_undigested", "Webhooks that wait to be digested.", webhooks.undigested)
    _gauge(registry, "webhooks_oldest_undigested_age_seconds", "How long the oldest of them has waited.", age)
    if channel := the_channel():
        _gauge(registry, "daily_counter", "Customers that today has cost.", queries.daily_count(channel))
        _gauge(registry, "limit_used", "Customers in the rolling 24 hours.", limit.meter(channel).used)


def _of_redis(registry: CollectorRegistry) -> None:
    _family(registry, "queue_depth", "Jobs that wait.", "queue", rq_view.depths())
    _gauge(registry, "failed_jobs", "Failed jobs that are kept.", rq_view.failed_count())
    now = pulse.take()
    _gauge(registry, "workers", "Living workers.", now.workers or 0)
    _gauge(registry, "scheduler_up", "Whether a scheduler ticked within a minute.", now.ticked_at is not None)
    registry.register(tallies.Figures())


def _gauge(registry: CollectorRegistry, name: str, words: str, value: float) -> None:
    Gauge(f"bulbul_{name}", words, registry=registry).set(value)


def _family(registry: CollectorRegistry, name: str, words: str, label: str, values: Mapping[str, int]) -> None:
    gauge = Gauge(f"bulbul_{name}", words, (label,), registry=registry)
    for key, value in values.items():
        gauge.labels(key).set(value)

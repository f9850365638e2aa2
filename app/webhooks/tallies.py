"""Counts of the receiver's for metrics and the journal page, in Redis. Losing them loses nothing but figures."""

from __future__ import annotations

import contextlib
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from threading import Lock

from flask import current_app
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from app.extensions import redis_connection
from app.shared import clock

DAYS = 7  # of refusals shown
KEPT_SECONDS = 8 * 24 * 3600
TALLY = "webhooks:tally"
REFUSED, MICROSECONDS = "refused", "microseconds"
BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)  # seconds
EVERY = 1.0  # seconds; a round trip for each post would be a part of the time it measures
KEPT_AS = "webhooks.tally"


class Tally:
    """What a process has counted and not yet taken to Redis.

    One thread at a time takes it there: a Redis that does not answer holds up no second post.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._counting, self._taking = Lock(), Lock()
        self._taken_at = 0.0

    def refused(self) -> None:
        """One more post without a valid signature."""
        with self._counting:
            self._counts[REFUSED] += 1
        self.take()

    def stored(self, seconds: float) -> None:
        """One more post stored, in so much time of our own."""
        with self._counting:
            self._counts[_bucket(seconds)] += 1
            self._counts[MICROSECONDS] += int(seconds * 1_000_000)
        if time.monotonic() - self._taken_at > EVERY:
            self.take()

    def take(self) -> None:
        """Take to Redis what has been counted; it is dropped when Redis is away."""
        if not self._taking.acquire(blocking=False):
            return
        try:
            self._taken_at = time.monotonic()
            with self._counting:
                counts, self._counts = self._counts, Counter()
            with contextlib.suppress(RedisError):
                _add(counts)
        finally:
            self._taking.release()


class Figures(Collector):
    """The receiver's figures for Prometheus, as they were at its making. That raises RedisError with Redis away."""

    def __init__(self) -> None:
        self._metrics = _metrics()

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def tally() -> Tally:
    """This process's tally."""
    kept: Tally = current_app.extensions.setdefault(KEPT_AS, Tally())
    return kept


def refused_by_day() -> list[tuple[date, int]] | None:
    """How many were refused on each of the last days (UTC), the latest first; None when Redis is away."""
    days = [clock.now().date() - timedelta(days=number) for number in range(DAYS)]
    try:
        counts: Sequence[bytes | None] = redis_connection().mget([_key(day) for day in days])  # type: ignore[assignment]
    except RedisError:
        return None
    return [(day, int(count or 0)) for day, count in zip(days, counts, strict=True)]


def _add(counts: Counter[str]) -> None:
    pipe = redis_connection().pipeline(transaction=False)
    for name, number in counts.items():
        pipe.hincrby(TALLY, name, number)
    if counts[REFUSED]:
        today = _key(clock.now().date())
        pipe.incrby(today, counts[REFUSED])
        pipe.expire(today, KEPT_SECONDS)
    pipe.execute()


def _metrics() -> Sequence[Metric]:
    tally().take()
    kept: dict[bytes, bytes] = redis_connection().hgetall(TALLY)  # type: ignore[assignment]
    counts = {name.decode(): int(number) for name, number in kept.items()}
    refused = CounterMetricFamily("bulbul_webhooks_refused", "Posts whose signature was missing or wrong.")
    refused.add_metric([], float(counts.get(REFUSED, 0)))
    times = HistogramMetricFamily("bulbul_webhook_intake_seconds", "Our own time for a post, until it was stored.")
    times.add_metric([], _cumulative(counts), sum_value=counts.get(MICROSECONDS, 0) / 1_000_000)
    return refused, times


def _cumulative(counts: dict[str, int]) -> list[tuple[str, float]]:
    sums, total = [], 0
    for name in (*map(str, BUCKETS), "+Inf"):
        total += counts.get(name, 0)
        sums.append((name, float(total)))
    return sums


def _bucket(seconds: float) -> str:
    place = bisect_left(BUCKETS, seconds)
    return str(BUCKETS[place]) if place < len(BUCKETS) else "+Inf"


def _key(day: date) -> str:
    return f"webhooks:refused:{day.isoformat()}"

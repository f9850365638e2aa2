"""The throttle: one speed for all processes, a share of it without Redis."""

from __future__ import annotations

import time

from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.extensions import redis_connection
from app.messaging.engine.throttle import Bucket, Throttle


def taken_in(throttles: list[Throttle], seconds: float) -> int:
    total, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        for throttle in throttles:
            taken, wait = throttle.take(10)
            total += taken
            time.sleep(min(wait, 0.01))
    return total


def test_it_shares_one_speed_between_processes(app: Flask) -> None:
    throttles = [Throttle(redis_connection(), [Bucket("channel:1", 100)]) for _ in range(3)]
    assert 90 <= taken_in(throttles, 1.0) <= 125


def test_it_keeps_the_slower_of_two_speeds(app: Flask) -> None:
    throttle = Throttle(redis_connection(), [Bucket("channel:1", 1000), Bucket("campaign:1", 20)])
    assert 15 <= taken_in([throttle], 1.0) <= 26


def test_it_says_how_long_to_wait(app: Flask) -> None:
    throttle = Throttle(redis_connection(), [Bucket("channel:1", 2)])
    assert throttle.take(5) == (1, 0)
    taken, wait = throttle.take(5)
    assert taken == 0
    assert 0.3 < wait <= 0.5


def test_it_goes_on_slower_without_redis(app: Flask) -> None:
    throttle = Throttle(Redis(port=1, retry=Retry(NoBackoff(), 0)), [Bucket("channel:1", 100)])
    assert 15 <= taken_in([throttle], 1.0) <= 35

"""The throttle: one speed for all processes, a share of it without Redis."""

from __future__ import annotations

import time

from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.extensions import redis_connection
from app.messaging.engine.throttle import Pace, Throttle


def taken_in(throttles: list[Throttle], seconds: float) -> int:
    total, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        for throttle in throttles:
            taken, wait = throttle.take(10)
            total += taken
            time.sleep(min(wait, 0.01))
    return total


def test_it_shares_one_speed_between_processes(app: Flask) -> None:
    throttles = [Throttle(redis_connection(), [Pace("channel:1", 100)]) for _ in range(3)]
    assert 90 <= taken_in(throttles, 1.0) <= 125


def test_it_keeps_the_slower_of_two_speeds(app: Flask) -> None:
    throttle = Throttle(redis_connection(), [Pace("channel:1", 1000), Pace("campaign:1", 20)])
    assert 15 <= taken_in([throttle], 1.0) <= 26


def test_it_says_how_long_to_wait(app: Flask) -> None:
    throttle = Throttle(redis_connection(), [Pace("channel:1", 2)])
    assert throttle.take(5) == (1, 0)
    taken, wait = throttle.take(5)
    assert taken == 0
    assert 0.3 < wait <= 0.5


def test_it_goes_on_slower_without_redis(app: Flask) -> None:
    throttle = Throttle(Redis(port=1, retry=Retry(NoBackoff(), 0)), [Pace("channel:1", 100)])
    assert 15 <= taken_in([throttle], 1.0) <= 35


def throttle(*paces: Pace) -> Throttle:
    return Throttle(redis_connection(), paces)


def test_it_hands_out_whole_batches_and_says_when_the_next_is_paid_for(app: Flask) -> None:
    ours = throttle(Pace("channel:1", 80))
    assert ours.take(25) == (12, 0)
    taken, wait = ours.take(25)
    assert taken == 0
    assert 0.05 < wait <= 0.15


def test_a_process_that_comes_a_little_late_loses_no_speed(app: Flask) -> None:
    ours, total, end = throttle(Pace("channel:1", 80)), 0, time.monotonic() + 2
    while time.monotonic() < end:
        taken, wait = ours.take(25)
        total += taken
        time.sleep(wait + 0.03 if wait else 0)
    assert 155 <= total <= 180


def test_a_brake_halves_the_speed_for_everybody(app: Flask) -> None:
    ours, other = throttle(Pace("channel:1", 100)), throttle(Pace("channel:1", 100))
    ours.brake()
    ours.brake()  # of the same flight
    assert 45 <= taken_in([other], 1.0) <= 75


def test_a_braked_channel_recovers_by_itself(app: Flask) -> None:
    ours = throttle(Pace("channel:1", 100))
    ours.brake()
    redis_connection().hincrbyfloat("throttle:channel:1", "at", -10)
    assert ours.take(50) == (15, 0)


def test_a_brake_holds_without_redis_too(app: Flask) -> None:
    alone = Throttle(Redis(port=1, retry=Retry(NoBackoff(), 0)), [Pace("channel:1", 200)])
    alone.brake()
    assert 20 <= taken_in([alone], 1.0) <= 38


def test_a_clock_set_back_does_not_stop_the_channel(app: Flask) -> None:
    ours = throttle(Pace("channel:1", 100))
    redis_connection().hset("throttle:channel:1", "paid", str(time.time() + 3600))
    assert ours.take(10)[1] < 0.2


def test_a_raised_speed_holds_at_once(app: Flask) -> None:
    throttle(Pace("campaign:1", 1 / 60)).take(1)
    assert throttle(Pace("campaign:1", 10)).take(1)[1] < 0.2

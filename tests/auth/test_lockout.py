from __future__ import annotations

import os
import subprocess
import sys

import pytest
import time_machine

from app.shared.clock import now
from tests.factories import PASSWORD, login


def _fail(client, times=1):
    for _ in range(times):
        answer = client.post("/login", data={"email": "alice@example.com", "password": "not the password"})
    return answer


def test_it_locks_an_address_after_five_failures_and_says_how_long(client, cast):
    assert _fail(client, 5).status_code == 401
    answer = client.post("/login", data={"email": cast.alice.email, "password": PASSWORD})
    assert answer.status_code == 429
    assert "Try again in 15 minutes." in answer.text
    assert 880 <= int(answer.headers["Retry-After"]) <= 900


def test_it_leaves_other_addresses_alone(from_address, cast):
    assert _fail(from_address("203.0.113.7"), 6).status_code == 429
    login(from_address("203.0.113.8"), cast.alice)


def test_it_does_not_count_successes(client, cast):
    for _ in range(8):
        login(client, cast.alice)
    _fail(client, 4)
    login(client, cast.alice)
    assert _fail(client).status_code == 401
    assert _fail(client).status_code == 429


def test_it_still_shows_the_login_page_to_a_locked_address(client, cast):
    _fail(client, 6)
    assert client.get("/login").status_code == 200


def test_it_holds_the_lock_for_15_minutes_from_the_fifth_failure(app, client, cast, monkeypatch):
    _with_memory_storage(monkeypatch)
    with time_machine.travel(now(), tick=False) as clock:
        _fail(client, 1)
        clock.shift(14 * 60)
        _fail(client, 4)  # the first failure leaves the window a minute from now; the lock must not care
        clock.shift(14 * 60)
        assert _fail(client).status_code == 429
        clock.shift(61)
        assert _fail(client, 5).status_code == 401
        assert _fail(client).status_code == 429


def _with_memory_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis keeps its own time, which cannot be moved; the memory fallback keeps ours."""
    from limits.storage import MemoryStorage
    from limits.strategies import MovingWindowRateLimiter

    from app.extensions import limiter

    monkeypatch.setattr(limiter, "_limiter", MovingWindowRateLimiter(MemoryStorage()))


WITHOUT_REDIS = """
import os
from app import create_app
app = create_app(os.environ)
app.config["WTF_CSRF_ENABLED"] = False
wrong = {"email": "nobody@example.com", "password": "not the password"}
answers = [app.test_client().post("/login", data=wrong) for _ in range(6)]
print("ANSWERS", *(answer.status_code for answer in answers))
"""


def test_it_locks_while_redis_is_away(app, environment):
    # A process of its own: the limiter is one for the whole process and would stay without Redis.
    away = os.environ | environment | {"REDIS_URL": "redis://127.0.0.1:1/0"}
    run = subprocess.run([sys.executable, "-c", WITHOUT_REDIS], env=away, capture_output=True, text=True, check=True)
    assert "ANSWERS 401 401 401 401 401 429" in run.stdout

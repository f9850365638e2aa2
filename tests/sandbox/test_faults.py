"""Accidents on the way: the sender learns nothing, the sandbox knows everything."""

from __future__ import annotations

import time

import pytest
import requests

from .programs import PHONE, Sandbox, offer


def test_it_accepts_and_drops_the_connection(sandbox: Sandbox) -> None:
    sandbox.tune(faults={"accept_then_drop_rate": 1})
    with pytest.raises(requests.ConnectionError):
        sandbox.send(offer(biz_opaque_callback_data="m:1"))
    assert [one["biz_opaque_callback_data"] for one in sandbox.accepted()] == ["m:1"]


def test_it_answers_500_and_accepts_nothing(sandbox: Sandbox) -> None:
    sandbox.tune(faults={"http_500_rate": 1})
    answer = sandbox.send(offer())
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, 131000)
    assert sandbox.state()["accepted"] == 0
    assert sandbox.graph("GET", PHONE).ok  # only sends meet accidents


def test_it_hangs_until_the_sender_gives_up(sandbox: Sandbox) -> None:
    sandbox.tune(faults={"hang_rate": 1})
    with pytest.raises(requests.ReadTimeout):
        sandbox.http.post(f"{sandbox.url}/{PHONE}/messages", json=offer(), timeout=0.3)
    assert sandbox.state()["accepted"] == 0


def test_it_takes_its_time(sandbox: Sandbox) -> None:
    sandbox.tune(latency_ms=120)
    started = time.monotonic()
    assert sandbox.send(offer()).ok
    assert time.monotonic() - started >= 0.12


def test_it_answers_late_what_it_took_at_once(sandbox: Sandbox) -> None:
    sandbox.tune(faults={"slow_rate": 1, "slow_ms": 400})
    started = time.monotonic()
    assert sandbox.send(offer()).ok
    assert time.monotonic() - started >= 0.4
    assert sandbox.accepted()[0]["accepted_at"] < time.time() - 0.3

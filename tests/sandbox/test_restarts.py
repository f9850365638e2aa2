"""What survives: a stop, a kill, a torn line."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from tests.sandboxes import ROOT

from .programs import ASHA, Receiver, Sandbox, await_true, offer


def test_it_is_the_same_world_after_a_restart(own: tuple[Sandbox, Receiver]) -> None:
    sandbox, _ = own
    sandbox.control("POST", "inbound", {"from": ASHA, "name": "Asha", "text": "Hi"})
    sandbox.send(offer(biz_opaque_callback_data="m:1"))
    sandbox.graph("DELETE", "200000000000001/message_templates", params={"name": "welcome_offer"})
    await_true(lambda: sandbox.state()["pending"] == 0)
    before, truth, config = sandbox.state(), sandbox.accepted(), sandbox.control("GET", "config").json()
    started = time.monotonic()
    assert sandbox.stop() == 0
    assert time.monotonic() - started < 2
    sandbox.start()
    assert (sandbox.state(), sandbox.accepted()) == (before, truth)
    assert sandbox.control("GET", "config").json() == config
    assert sandbox.send({"to": ASHA, "type": "text", "text": {"body": "The window is still open"}}).ok


def test_it_tells_after_a_restart_what_it_still_owed(own: tuple[Sandbox, Receiver]) -> None:
    sandbox, receiver = own
    receiver.is_down = True
    sandbox.send(offer(biz_opaque_callback_data="m:1"))
    await_true(lambda: sandbox.state()["refused"])
    sandbox.stop(signal.SIGKILL)
    receiver.is_down = False
    sandbox.start()
    await_true(lambda: len(receiver.statuses()) == 3)
    assert {one["biz_opaque_callback_data"] for one in receiver.statuses()} == {"m:1"}
    assert "sandbox.webhook_failed" in sandbox.log()


def test_it_survives_a_kill_in_the_middle_of_a_write(own: tuple[Sandbox, Receiver]) -> None:
    sandbox, _ = own
    sandbox.send(offer())
    sandbox.stop(signal.SIGKILL)
    with (sandbox.folder / "sandbox" / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"k":"out","id":"wam')
    sandbox.start()
    sandbox.send(offer(to="919800000001"))
    sandbox.stop(signal.SIGKILL)
    sandbox.start()
    assert [one["to"] for one in sandbox.accepted()] == [ASHA, "919800000001"]


def test_it_says_in_one_sentence_that_its_port_is_taken(own: tuple[Sandbox, Receiver]) -> None:
    sandbox, _ = own
    environment = {"SANDBOX_PORT": str(sandbox.port), "VAR_DIR": str(sandbox.folder)}
    second = subprocess.run(
        [sys.executable, "-m", "sandbox"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=10
    )
    assert second.returncode == 1
    assert second.stderr == f"The sandbox cannot listen on port {sandbox.port}: Address already in use.\n"

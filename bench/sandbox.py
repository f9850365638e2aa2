"""How many sends a second the sandbox takes on one core, with its usual latency of 50 ms and its statuses told.

`python -m bench.sandbox [sends]`: starts a sandbox of its own on one core, a receiver for its webhooks and the load
on the others, prints a table and stops.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import requests

from bench.posting import Posted, post_all
from tests.sandboxes import Program, free_port

PHONE, ACCOUNT = "100000000000001", "200000000000001"
SENDS = 20_000
CONNECTIONS = 250  # 250 in flight at 50 ms would be 5,000 a second
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
PATIENCE = 120


class _Listener(asyncio.Protocol):
    """Answers 200 to every POST; bodies of Meta's are never pipelined."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._left = transport, b""

    def data_received(self, data: bytes) -> None:
        self._left += data
        head, found, body = self._left.partition(b"\r\n\r\n")
        if found and len(body) >= _length(head):
            self._left = b""
            self._transport.write(OK)  # type: ignore[attr-defined]


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


def listen(port: int) -> None:
    """Take webhooks until killed."""

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_Listener, "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(serve())


def sends(count: int, first: int) -> list[bytes]:
    """As many template messages, each to a customer of its own."""
    return [_request(_body(f"91{7_000_000_000 + first + number}", number)) for number in range(count)]


def _body(to: str, number: int) -> dict[str, Any]:
    words = [{"type": "text", "text": word} for word in ("Asha", "Pune")]
    template = {
        "name": "goa_monsoon_offer",
        "language": {"code": "en"},
        "components": [{"type": "body", "parameters": words}],
    }
    sent = {"messaging_product": "whatsapp", "to": to, "type": "template", "template": template}
    return sent | {"biz_opaque_callback_data": f"m:{number}"}


def _request(body: dict[str, Any]) -> bytes:
    raw = json.dumps(body).encode()
    head = (
        f"POST /v26.0/{PHONE}/messages HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer token\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
    )
    return head.encode() + raw


def measure(program: Program, count: int, rate: float | None, is_told: bool) -> tuple[Posted, float, float]:
    """A run from an empty sandbox: its answers, its share of the core, and the seconds until all webhooks were told."""
    url = program.url
    requests.post(f"{url}/__sandbox__/reset", timeout=30)
    # The limits would refuse what is measured here.
    tuning = {"throughput_mps": 0, "messaging_limit": 0, "statuses": {"delay_ms": 300, "read_rate": 0.6}}
    requests.put(f"{url}/__sandbox__/config", json=tuning, timeout=5).raise_for_status()
    if not is_told:
        headers = {"Authorization": "Bearer token"}
        requests.delete(f"{url}/v26.0/{ACCOUNT}/subscribed_apps", headers=headers, timeout=5).raise_for_status()
    bodies = sends(count, 0)
    began, busy_before = time.perf_counter(), _busy(program)
    posted = post_all(program.port, bodies, CONNECTIONS, rate)
    share = (_busy(program) - busy_before) / posted.seconds
    while requests.get(f"{url}/__sandbox__/state", timeout=30).json()["pending"]:
        assert time.perf_counter() - began < PATIENCE, "the webhooks were not told in time"
        time.sleep(0.1)
    return posted, share, time.perf_counter() - began


def _busy(program: Program) -> float:
    """Seconds of CPU the sandbox has used."""
    facts = Path(f"/proc/{program.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(facts[11]) + int(facts[12])) / os.sysconf("SC_CLK_TCK")


RUNS = (
    ("as fast as it goes, nobody subscribed", None, False),
    ("as fast as it goes, statuses told", None, True),
    ("1,000 a second, statuses told", 1000.0, True),
)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SENDS
    cores = sorted(os.sched_getaffinity(0))
    hook = free_port()
    receiver = multiprocessing.Process(target=listen, args=(hook,), daemon=True)
    receiver.start()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(Path(folder), f"http://127.0.0.1:{hook}/")
        program.start()
        os.sched_setaffinity(program.process.pid, cores[:1])
        for helper in (os.getpid(), receiver.pid or 0):
            os.sched_setaffinity(helper, cores[1:] or cores)
        print(f"{count:,} sends, {CONNECTIONS} connections, sandbox on one core of {len(cores)}\n")
        print("| run | sends/s | p50 ms | p99 ms | core | answers | all told after |")
        print("|---|---|---|---|---|---|---|")
        for name, rate, is_told in RUNS:
            posted, share, told = measure(program, count, rate, is_told)
            cuts = statistics.quantiles(posted.delays, n=100)
            print(
                f"| {name} | {posted.per_second:,.0f} | {cuts[49] * 1000:.0f} | {cuts[98] * 1000:.0f} | {share:.0%} "
                f"| {dict(posted.statuses)} | {told:.1f} s |",
                flush=True,
            )
        program.stop()
    receiver.kill()


if __name__ == "__main__":
    main()

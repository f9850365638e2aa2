"""A load generator for one address: raw HTTP/1.1 over kept connections, so that it costs little beside the server.

As fast as it goes, or at a steady rate: then each request has a due time, and its delay counts from there, not
from when a connection was free for it.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

END_OF_HEAD = b"\r\n\r\n"
PATIENCE = 30.0  # seconds for the last answers


@dataclass(slots=True)
class Posted:
    """What came of a run: seconds from first to last, answers by status, and each answer's delay in seconds."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    delays: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.delays) / self.seconds


def request_bytes(path: str, body: bytes, signature: str) -> bytes:
    """A whole POST as it goes over the wire."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Hub-Signature-256: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def post_all(
    port: int,
    requests: Iterable[bytes],
    connections: int,
    rate: float | None = None,
    on_post: Callable[[int], object] = lambda number: None,
) -> Posted:
    """Post every one of `requests`, `rate` a second or as fast as they are answered.

    `on_post(number)` is called when the number-th request (from 0) is due.
    """
    return asyncio.run(_Run(deque(requests), rate, on_post).go(port, connections))


class _Run:
    def __init__(self, requests: deque[bytes], rate: float | None, on_post: Callable[[int], object]) -> None:
        self.posted = Posted()
        self._requests, self._total = requests, len(requests)
        self._rate, self._on_post = rate, on_post
        self._idle: deque[_Connection] = deque()
        self._due: deque[tuple[float, bytes]] = deque()
        self._done: asyncio.Event

    async def go(self, port: int, connections: int) -> Posted:
        self._done = asyncio.Event()
        loop = asyncio.get_running_loop()
        made = [await loop.create_connection(lambda: _Connection(self), "127.0.0.1", port) for _ in range(connections)]
        began = time.perf_counter()
        pacer = asyncio.create_task(self._pace(began))
        await self._done.wait()
        self.posted.seconds = time.perf_counter() - began
        await pacer
        for transport, _ in made:
            transport.close()
        return self.posted

    async def _pace(self, began: float) -> None:
        number = 0
        while self._requests:
            now = time.perf_counter()
            due = self._total if self._rate is None else int((now - began) * self._rate) + 1
            while self._requests and number < due:
                at = now if self._rate is None else began + number / self._rate
                self._on_post(number)
                self._due.append((at, self._requests.popleft()))
                number += 1
            self.feed()
            await asyncio.sleep(0.001)

    def feed(self) -> None:
        while self._due and self._idle:
            self._idle.popleft().post(*self._due.popleft())

    def free(self, connection: _Connection) -> None:
        if self._due:
            at, request = self._due.popleft()
            connection.post(at if self._rate else time.perf_counter(), request)
        else:
            self._idle.append(connection)

    def answered(self, connection: _Connection, status: int, delay: float) -> None:
        self.posted.statuses[status] += 1
        self.posted.delays.append(delay)
        if len(self.posted.delays) == self._total:
            self._done.set()
        self.free(connection)


class _Connection(asyncio.Protocol):
    def __init__(self, run: _Run) -> None:
        self._run, self._buffer = run, b""
        self._transport: asyncio.Transport
        self._at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._run.free(self)

    def post(self, at: float, request: bytes) -> None:
        self._at = at
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(END_OF_HEAD)
        if found and len(rest) >= _length(head):
            self._buffer = b""
            self._run.answered(self, int(head[9:12]), time.perf_counter() - self._at)

    def connection_lost(self, error: Exception | None) -> None:
        if self._at and not self._run.posted.seconds and len(self._run.posted.delays) < self._run._total:
            raise SystemExit("The server closed a connection.")


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0

"""Seeing from outside when a message changes: another connection looks for its row until it shows the status."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

LOOK_EVERY = 0.004  # seconds; how coarse the lag is measured
PATIENCE = 60.0


class Watch:
    """Looks for every `every`-th message that is posted, and keeps how many seconds each took."""

    def __init__(self, database_url: str, every: int) -> None:
        self.lags: list[float] = []
        self._url, self._every = database_url, every
        self._since: dict[uuid.UUID, float] = {}
        self._lock, self._done = threading.Lock(), threading.Event()

    def note(self, number: int, message: uuid.UUID) -> None:
        if number % self._every == 0:
            with self._lock:
                self._since[message] = time.perf_counter()

    @contextmanager
    def watching(self) -> Iterator[None]:
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield
        finally:
            self._done.set()
            thread.join()

    def finish(self) -> None:
        """Return when the last one has been seen."""
        deadline = time.monotonic() + PATIENCE
        while self._since and time.monotonic() < deadline:
            time.sleep(0.01)
        if self._since:
            print(f"  {len(self._since)} messages never changed")

    def _watch(self) -> None:
        query = "SELECT public_id FROM messages WHERE public_id = ANY(%s) AND rank >= 30"
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._done.wait(LOOK_EVERY):
                with self._lock:
                    waiting = list(self._since)
                if waiting:
                    self._see([row[0] for row in connection.execute(query, (waiting,))])

    def _see(self, changed: list[uuid.UUID]) -> None:
        now = time.perf_counter()
        with self._lock:
            self.lags += [now - self._since.pop(message) for message in changed]

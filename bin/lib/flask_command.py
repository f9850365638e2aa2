"""`bin/flask …`: the flask command against the running servers, or against ones started for its duration."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

from environment import assemble, var_dir
from running import join
from servers import AlreadyRunning, EmbeddedServers
from stop_signals import StopSignals
from terminal import StartError, run_as_command, say

COMMAND = [sys.executable, "-m", "flask", "--app", "wsgi"]


def main() -> int:
    """Run flask with our arguments; its status is ours."""
    StopSignals()
    caller = os.environ
    try:
        with EmbeddedServers(
            var_dir(caller),
            database_url=caller.get("DATABASE_URL", ""),
            redis_url=caller.get("REDIS_URL", ""),
        ) as servers:
            if servers.children:
                say("nothing is running here, so the database is started for this command alone.")
            return run_flask(assemble(caller, servers.database_url, servers.redis_url))
    except AlreadyRunning as error:
        return run_flask(_running(caller, error))


def _running(caller: Mapping[str, str], error: StartError) -> dict[str, str]:
    environment = join(var_dir(caller))
    if not environment:
        raise StartError("Bulbul is just starting or stopping here; try again in a moment.") from error
    given = {name: value for name, value in caller.items() if value}
    return {**environment, **given, "VAR_DIR": environment["VAR_DIR"]}


def run_flask(environment: Mapping[str, str]) -> int:
    """Flask's exit status for our arguments, in that environment."""
    return subprocess.run([*COMMAND, *sys.argv[1:]], env=environment).returncode


if __name__ == "__main__":
    run_as_command(main)

"""`bin/up`: everything that runs, started in order, watched, and stopped in the reverse order."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

import programs
from environment import assemble, is_on_sandbox, var_dir
from first_run import finish, prepare
from front_end import ensure_front_end
from ports import insist_on
from running import announced
from servers import EmbeddedServers
from stop_signals import StopSignals
from supervisor import Supervisor
from terminal import StartError, run_as_command, say


def main() -> int:
    """Run Bulbul until a signal comes."""
    signals = StopSignals()
    caller = os.environ
    folder = var_dir(caller)
    with EmbeddedServers(
        folder, database_url=caller.get("DATABASE_URL", ""), redis_url=caller.get("REDIS_URL", "")
    ) as servers:
        _insist_on_ports(caller)
        ensure_front_end()
        environment = assemble(caller, servers.database_url, servers.redis_url)
        with Supervisor(signals) as supervisor, announced(folder, environment):
            supervisor.watch(*servers.children)
            login = _start(supervisor, environment, caller)
            _welcome(environment, login)
            finish(environment)
            try:
                supervisor.run()
            except KeyboardInterrupt:
                say("stopping; what is being sent is finished first.")
    return 0


def _start(supervisor: Supervisor, environment: Mapping[str, str], caller: Mapping[str, str]) -> str:
    if is_on_sandbox(environment):
        supervisor.start(programs.sandbox(environment))
        programs.wait_for_sandbox(environment, supervisor)
    login = prepare(environment, caller.get("ADMIN_PASSWORD", ""))
    supervisor.start(programs.web(environment), *programs.workers(environment))
    programs.wait_for_web(environment, supervisor)
    return login


def _insist_on_ports(caller: Mapping[str, str]) -> None:
    port, sandbox_port = programs.web_port(caller), programs.sandbox_port(caller)
    insist_on(port, "PORT", programs.WEB_HOST)
    if is_on_sandbox(caller):
        if sandbox_port == port:
            raise StartError(f"PORT and SANDBOX_PORT are both {port}; give them different numbers.")
        insist_on(sandbox_port, "SANDBOX_PORT", "127.0.0.1")


def _welcome(environment: Mapping[str, str], login: str) -> None:
    port = programs.web_port(environment)
    print(f"\nBulbul is ready after {_seconds_since_start(environment):.0f} s.")
    print(f"  Address   http://127.0.0.1:{port} (it listens on every interface, {programs.WEB_HOST}:{port})")
    print(f"  Login     {login or 'as before; bin/flask users --help if it is lost'}")
    if is_on_sandbox(environment):
        sandbox = f"http://127.0.0.1:{programs.sandbox_port(environment)}"
        print(f"  Sandbox   {sandbox} (stands in for Meta until WHATSAPP_ACCESS_TOKEN is set)")
    print("  Stop      Ctrl-C\n", flush=True)


def _seconds_since_start(environment: Mapping[str, str]) -> float:
    return time.time() - float(environment.get("BULBUL_STARTED") or time.time())


if __name__ == "__main__":
    run_as_command(main)

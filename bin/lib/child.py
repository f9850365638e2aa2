"""One child process on a leash: when we die, however we die, the kernel ends it too."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from terminal import StartError


class Child:
    """A command that may be started, stopped and started again. Times in seconds."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        log: Path | None = None,
        before_start: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self._command = [*leash(stop_signal, user), *command]
        self._environment = environment
        self._stop_signal = stop_signal
        self._log = log
        self._before_start = before_start
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id, also of the last one that ended; None before the first start."""
        return self._process.pid if self._process else None

    @property
    def status(self) -> int | None:
        """How it ended (negative: by that signal); None while it runs or before it was started."""
        return self._process.poll() if self._process else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it in a session of its own, so that a Ctrl-C in our terminal reaches it only through us."""
        if self._before_start:
            self._before_start()
        output = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if self._log else None
        try:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise StartError(f"{error.filename} is missing on this machine, so {self.name} cannot start.") from error
        finally:
            if output is not None:
                os.close(output)

    def ask_to_stop(self) -> None:
        """Send its stop signal; it ends when it has finished what it must."""
        if self.is_running and self._process:
            self._process.send_signal(self._stop_signal)

    def wait(self, timeout: float) -> bool:
        """Whether it has ended within so long."""
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout)
        return not self.is_running

    def kill(self) -> None:
        """End it now, with everything it left in its process group."""
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self, grace: float) -> None:
        """Ask, wait so long, then kill."""
        self.ask_to_stop()
        if not self.wait(grace):
            self.kill()


def leash(stop_signal: signal.Signals = signal.SIGTERM, user: str | None = None) -> list[str]:
    """The words before a command that make it get `stop_signal` when its parent dies, and run as `user`."""
    words = ["setpriv", "--pdeathsig", stop_signal.name.removeprefix("SIG")]
    if user:
        words += ["--reuid", user, "--regid", user, "--clear-groups"]
    return [*words, "--"]

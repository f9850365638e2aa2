"""A supervisor over the commands named as arguments, to be killed by tests: it prints its own and their pids."""

from __future__ import annotations

import sys

from child import Child
from stop_signals import StopSignals
from supervisor import Supervisor


def main() -> None:
    try:
        with Supervisor(StopSignals()) as supervisor:
            for number, command in enumerate(sys.argv[1:]):
                child = Child(f"program {number}", ["sh", "-c", command])
                supervisor.start(child)
                _tell(str(child.pid))
            supervisor.run()
    except KeyboardInterrupt:
        _tell("stopped")


def _tell(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

"""What we tell the person at the terminal: a word in passing, or the one sentence that stops a start."""

from __future__ import annotations

import sys
from collections.abc import Callable


class StartError(Exception):
    """Something outside our hands is wrong; the message says what, and what to do about it."""


def say(text: str) -> None:
    """A word of our own among the programs' logs."""
    print(f"Bulbul: {text}", file=sys.stderr, flush=True)


def run_as_command(main: Callable[[], int]) -> None:
    """Run a program's `main` and end with its status; a `StartError` ends it with its sentence and status 1."""
    try:
        sys.exit(main())
    except StartError as error:
        sys.exit(f"Bulbul: {error}")
    except KeyboardInterrupt:
        sys.exit(130)

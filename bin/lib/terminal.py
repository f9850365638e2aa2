"""What stops a start: one sentence for the person at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable


class StartError(Exception):
    """Something outside our hands is wrong; the message says what, and what to do about it."""


def run_as_command(main: Callable[[], int]) -> None:
    """Run a program's `main` and end with its status; a `StartError` ends it with its sentence and status 1."""
    try:
        sys.exit(main())
    except StartError as error:
        sys.exit(f"Bulbul: {error}")
    except KeyboardInterrupt:
        sys.exit(130)

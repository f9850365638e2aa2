"""Ctrl-C, a polite kill and a closed terminal, heard as one thing: please stop."""

from __future__ import annotations

import signal
from types import FrameType


class StopSignals:
    """The first signal raises `KeyboardInterrupt` in the main thread; any later one is only noted, as haste.

    So nobody who presses Ctrl-C twice can break off the very stopping that he asked for.
    """

    def __init__(self) -> None:
        self.told = False
        self.in_haste = False
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # nohup's wish stands.
            if signum != signal.SIGHUP or signal.getsignal(signum) != signal.SIG_IGN:
                signal.signal(signum, self._hear)

    def _hear(self, signum: int, frame: FrameType | None) -> None:
        if self.told:
            self.in_haste = True
            return
        self.told = True
        raise KeyboardInterrupt

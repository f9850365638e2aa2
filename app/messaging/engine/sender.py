"""The sender: a sliding window of threads over one HTTP session. It knows no database.

Never a whole batch is waited for: an answer frees its thread for the next message at once.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any

from app.meta.errors import NOT_SENT, ErrorClass, MetaError, NotSent, OutcomeUnknown, meaning_of
from app.meta.messages import send
from app.meta.transport import Transport

LEASE_SECONDS = 120  # of a claimed message; connect and read time-out together must stay below half of it


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"  # Meta said no, with a code
    NOT_SENT = "not_sent"  # it certainly never left
    UNKNOWN = "unknown"  # it may have left; never resend by itself


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A committed message, ready to leave."""

    message_id: int
    payload: dict[str, Any]
    by_marketing_service: bool = False  # Meta's other door, for marketing templates only


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message's request."""

    message_id: int
    verdict: Verdict
    wamid: str | None = None
    code: int | None = None
    words: str | None = None

    @property
    def has_failed(self) -> bool:
        """Whether it certainly did not arrive: refused by Meta, or never sent."""
        return self.verdict in (Verdict.REFUSED, Verdict.NOT_SENT)

    @property
    def error_class(self) -> ErrorClass | None:
        return None if self.code is None else meaning_of(self.code).error_class


def departure() -> float:
    """Until when a message claimed now may leave, on a clock that also runs while the machine sleeps.

    Take it before the claim: the lease begins there.
    """
    return time.clock_gettime(time.CLOCK_BOOTTIME) + LEASE_SECONDS / 2


class Sender:
    """`threads` requests in flight at once over one session. Use as a context manager.

    Who leaves it while something is in flight does not wait for that: its outcome stays in doubt.
    """

    def __init__(self, transport: Transport, phone_number_id: str, threads: int) -> None:
        self.transport, self.phone_number_id, self.threads = transport, phone_number_id, threads
        self.in_flight = 0
        self._work: queue.SimpleQueue[tuple[Outgoing, float] | None] = queue.SimpleQueue()
        self._crew = [threading.Thread(target=self._serve, name=f"sender-{n}", daemon=True) for n in range(threads)]
        self._outcomes: list[Outcome] = []
        self._since = 0.0  # when the first of those outcomes came
        self._enough = 1
        self._arrived = threading.Condition()

    def __enter__(self) -> Sender:
        for thread in self._crew:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _ in self._crew:
            self._work.put(None)
        if not self.in_flight:
            for thread in self._crew:
                thread.join()
        self.transport.close()

    @property
    def free(self) -> int:
        """Threads with nothing to do: claim no more than these, or a crash leaves more in doubt."""
        return self.threads - self.in_flight

    def submit(self, batch: Sequence[Outgoing], deadline: float) -> None:
        """Let these leave; a thread that comes after `deadline` (of `departure`) hands its message back."""
        self.in_flight += len(batch)
        for outgoing in batch:
            self._work.put((outgoing, deadline))

    def collect(self, timeout: float, enough: int = 1, patience: float = 0.0) -> list[Outcome]:
        """The outcomes that are in; waits up to `timeout` seconds until they are `enough` to be worth a statement.

        None of fewer, as long as the first of them has not waited for `patience` seconds.
        """
        with self._arrived:
            self._enough = enough
            self._arrived.wait_for(lambda: len(self._outcomes) >= enough, timeout)
            if len(self._outcomes) < enough and time.monotonic() - self._since < patience:
                return []
            outcomes, self._outcomes = self._outcomes, []
        self.in_flight -= len(outcomes)
        return outcomes

    def _serve(self) -> None:
        while (work := self._work.get()) is not None:
            outcome = deliver(self.transport, self.phone_number_id, *work)
            with self._arrived:
                self._since = self._since if self._outcomes else time.monotonic()
                self._outcomes.append(outcome)
                if len(self._outcomes) >= self._enough:
                    self._arrived.notify()


def deliver(transport: Transport, phone_number_id: str, outgoing: Outgoing, deadline: float) -> Outcome:
    """Post one message, once. Never raises: whatever is not proven to be refused or unsent is unknown."""
    if time.clock_gettime(time.CLOCK_BOOTTIME) > deadline:
        # The lease may be gone and the row another's: a process that slept must not send.
        return Outcome(outgoing.message_id, Verdict.NOT_SENT, code=NOT_SENT, words="The sender came too late.")
    try:
        accepted = send(transport, phone_number_id, outgoing.payload, marketing_service=outgoing.by_marketing_service)
    except MetaError as error:
        return Outcome(outgoing.message_id, Verdict.REFUSED, code=error.code, words=error.details or error.message)
    except NotSent as error:
        return Outcome(outgoing.message_id, Verdict.NOT_SENT, code=error.code, words=str(error))
    except OutcomeUnknown as error:
        return Outcome(outgoing.message_id, Verdict.UNKNOWN, code=error.code, words=str(error))
    except Exception as error:  # a defect of ours must not lose the row: it stays in doubt, visibly
        return Outcome(outgoing.message_id, Verdict.UNKNOWN, words=type(error).__name__)
    return Outcome(outgoing.message_id, Verdict.ACCEPTED, wamid=accepted.wamid)

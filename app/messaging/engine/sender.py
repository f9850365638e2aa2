"""The sender: a sliding window of threads over one HTTP session. It knows no database.

Never a whole batch is waited for: an answer frees its thread for the next message at once.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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
    """`threads` requests in flight at once over one session. Use as a context manager."""

    def __init__(self, transport: Transport, phone_number_id: str, threads: int) -> None:
        self.transport, self.phone_number_id, self.threads = transport, phone_number_id, threads
        self.in_flight = 0
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="sender")
        self._outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()

    def __enter__(self) -> Sender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self.transport.close()

    @property
    def free(self) -> int:
        """Threads with nothing to do: claim no more than these, or a crash leaves more in doubt."""
        return self.threads - self.in_flight

    def submit(self, batch: Sequence[Outgoing], deadline: float) -> None:
        """Let these leave; a thread that comes after `deadline` (of `departure`) hands its message back."""
        self.in_flight += len(batch)
        for outgoing in batch:
            self._pool.submit(self._deliver, outgoing, deadline)

    def collect(self, timeout: float) -> list[Outcome]:
        """The outcomes that are in; waits up to `timeout` seconds for the first."""
        outcomes: list[Outcome] = []
        try:
            outcomes.append(self._outcomes.get(timeout=timeout))
            while True:
                outcomes.append(self._outcomes.get_nowait())
        except queue.Empty:
            self.in_flight -= len(outcomes)
        return outcomes

    def _deliver(self, outgoing: Outgoing, deadline: float) -> None:
        self._outcomes.put(deliver(self.transport, self.phone_number_id, outgoing, deadline))


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

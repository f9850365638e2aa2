"""The promises, each judged by the evidence: the sentences that say how it was broken, none when it was kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from bench.chaos.evidence import NEVER_ARRIVED, REFUSED_UNHEARD, Evidence

MANY_KILLS = 100
MOST_IN_FLIGHT = 25  # sender threads
MOST_TOLD = 5  # of one kind; the rest is counted


def broken(evidence: Evidence) -> dict[str, list[str]]:
    """Every promise that was broken, with how."""
    found = {promise: list(judge(evidence)) for promise, judge in PROMISES.items()}
    return {promise: faults for promise, faults in found.items() if faults}


def told(faults: list[str]) -> list[str]:
    """The first few, and how many more there are."""
    rest = len(faults) - MOST_TOLD
    return [*faults[:MOST_TOLD], *([f"and {rest} more"] if rest > 0 else [])]


def nobody_twice(evidence: Evidence) -> Iterator[str]:
    """Each person is in one campaign only, so two messages are one too many."""
    for phone, number in Counter(it.phone for it in evidence.taken).items():
        if number > 1:
            yield f"{phone} got {number} messages"


def no_request_twice(evidence: Evidence) -> Iterator[str]:
    for callback, pages in evidence.book.items():
        if len(pages) > 1:
            yield f"the request of {callback} arrived {len(pages)} times ({', '.join(pages)})"


def everybody_ended(evidence: Evidence) -> Iterator[str]:
    yield from evidence.unfinished
    if pending := evidence.recipients["pending"]:
        yield f"{pending} recipients are pending"
    if sending := sum(it.state in ("created", "sending") for it in evidence.sent):
        yield f"{sending} messages are still being sent"


def everybody_has_one_message(evidence: Evidence) -> Iterator[str]:
    """Nobody is lost between a recipient and the message they were handed to."""
    handed, current = evidence.recipients["handed"], sum(it.is_current for it in evidence.sent)
    if handed != current:
        yield f"{handed} recipients are handed over, {current} messages are theirs"
    for it in evidence.sent:
        if it.is_current == it.is_superseded:
            yield f"{it.callback} is {'superseded' if it.is_current else 'neither superseded'} and its recipient's own"


def what_meta_took_is_known(evidence: Evidence) -> Iterator[str]:
    ours = {it.callback: it for it in evidence.sent}
    for taken in evidence.taken:
        it = ours.get(taken.callback)
        if it is None:
            yield f"{taken.callback} to {taken.phone} is no message of ours"
        elif (it.state, it.wamid, it.is_current) != ("accepted", taken.wamid, True):
            yield f"{taken.callback} was accepted; with us it is {it.state}, {it.wamid}, current: {it.is_current}"
        elif it.rank < taken.rank:
            yield f"{taken.callback} stands at {it.rank}, Meta told {taken.rank}"


def nothing_is_made_up(evidence: Evidence) -> Iterator[str]:
    for it in evidence.sent:
        if it.state == "accepted" and it.callback not in evidence.accepted:
            yield f"{it.callback} to {it.phone} is accepted with us, and Meta has never taken it"


def figures_equal_rows(evidence: Evidence) -> Iterable[str]:
    return evidence.differences


def who_was_written_to_has_a_place(evidence: Evidence) -> Iterator[str]:
    """Otherwise the messaging limit would let one too many through."""
    for phone in {it.phone for it in evidence.taken} - evidence.with_place:
        yield f"{phone} was written to and does not count under the messaging limit"


def little_stays_in_doubt(evidence: Evidence) -> Iterator[str]:
    """One for each kill at most: claimed and not left, or refused when nobody was left to hear it.

    Requests that Meta let hang are lost answers, not kills. A single kill may leave all that was in flight in doubt:
    few kills say nothing about the average.
    """
    left = sum(evidence.fate(it.callback) in (NEVER_ARRIVED, REFUSED_UNHEARD) for it in evidence.unconfirmed)
    if left > evidence.kills * (1 if evidence.kills >= MANY_KILLS else MOST_IN_FLIGHT):
        yield f"{left} messages stay unconfirmed by {evidence.kills} kills"


PROMISES: dict[str, Callable[[Evidence], Iterable[str]]] = {
    "nobody gets a message twice": nobody_twice,
    "no request leaves twice": no_request_twice,
    "every recipient ends": everybody_ended,
    "every recipient has one message": everybody_has_one_message,
    "what Meta took is known, and as far as Meta told": what_meta_took_is_known,
    "nothing is called accepted that Meta did not take": nothing_is_made_up,
    "figures equal rows": figures_equal_rows,
    "whoever was written to counts under the limit": who_was_written_to_has_a_place,
    "at most one message in doubt for each kill, beyond lost answers": little_stays_in_doubt,
}

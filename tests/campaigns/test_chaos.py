"""A short trial by chaos; and its judge, who must be able to condemn."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.chaos import verdict
from bench.chaos.evidence import Evidence, Sent, Taken

ROOT = Path(__file__).resolve().parents[2]
SHORT = "--kills 15 --recipients 1500 --workers 4 --hurry --moods 500 drop throttle"
PHONE = "+919800000001"
SENT = Sent("a", 1, PHONE, "accepted", 30, "wamid.1", is_superseded=False, is_current=True)
TAKEN = Taken("a", PHONE, "wamid.1", 30)
IN_DOUBT = "at most one message in doubt for each kill, beyond lost answers"
LOST = SENT._replace(state="unconfirmed", rank=0, wamid=None)


@pytest.mark.slow
def test_a_short_trial_breaks_no_promise(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.chaos", *SHORT.split(), "--keep", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr


def evidence(**changes: Any) -> Evidence:
    """One person, one message, and all is well; but for the changes."""
    clean = Evidence(
        sent=[SENT],
        taken=[TAKEN],
        book={"a": ["taken"]},
        recipients=Counter(handed=1),
        unfinished=[],
        differences=[],
        with_place={PHONE},
        kills=100,
    )
    return replace(clean, **changes)


def test_a_clean_trial_breaks_nothing() -> None:
    assert verdict.broken(evidence()) == {}


@pytest.mark.parametrize(
    ("promise", "changes"),
    [
        ("nobody gets a message twice", {"taken": [TAKEN, TAKEN._replace(callback="b", wamid="wamid.2")]}),
        ("no request leaves twice", {"book": {"a": ["taken", "taken"]}}),
        ("every recipient ends", {"unfinished": ["campaign 1 is paused too_many_errors"]}),
        ("every recipient ends", {"recipients": Counter(handed=1, pending=1)}),
        ("every recipient ends", {"sent": [SENT._replace(state="sending")]}),
        ("every recipient has one message", {"sent": [SENT._replace(is_current=False)]}),
        ("what Meta took is known, and as far as Meta told", {"sent": []}),
        ("what Meta took is known, and as far as Meta told", {"sent": [LOST]}),
        ("what Meta took is known, and as far as Meta told", {"sent": [SENT._replace(rank=10)]}),
        ("nothing is called accepted that Meta did not take", {"taken": []}),
        ("figures equal rows", {"differences": ["campaign 1: sending is kept as 1, its rows say 0"]}),
        ("whoever was written to counts under the limit", {"with_place": set()}),
        (IN_DOUBT, {"taken": [], "sent": [LOST] * 101, "book": {}}),
    ],
)
def test_it_condemns_a_broken_promise(promise: str, changes: dict[str, Any]) -> None:
    assert promise in verdict.broken(evidence(**changes))


def test_what_meta_let_hang_is_not_held_against_the_kills() -> None:
    assert IN_DOUBT not in verdict.broken(evidence(taken=[], sent=[LOST] * 101, book={"a": ["cut"]}))


def test_it_tells_hung_refused_and_never_arrived_apart() -> None:
    found = evidence(book={"a": ["cut"], "b": ["cut"], "c": ["131000"], "d": ["open"]})
    assert [found.fate(it) for it in "abcde"] == ["accepted", "hung", "refused unheard", "hung", "never arrived"]

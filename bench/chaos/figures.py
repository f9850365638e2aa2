"""The trial in a table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.chaos.evidence import NEVER_ARRIVED, REFUSED_UNHEARD, Evidence
from bench.chaos.trial import Trial

DATABASE_AWAY = ("OperationalError", "AdminShutdown", "CrashShutdown")
QUIET_LEVELS = ("debug", "info")


def table(evidence: Evidence, struck: Counter[str], trial: Trial) -> Iterator[str]:
    """The lines of a Markdown table."""
    unconfirmed = Counter(evidence.fate(it.callback) for it in evidence.unconfirmed)
    states = Counter(it.state for it in evidence.sent if not it.is_superseded)
    answers = Counter(word for pages in evidence.book.values() for word in pages)
    logged = _logged(trial.house.folder)
    yield "| what | figure |"
    yield "|---|---|"
    yield f"| troubles | {_list(struck)} |"
    yield f"| ended by themselves, started again | {_list(trial.ended_by_themselves)} |"
    yield f"| longest time without a message, while troubles struck | {trial.longest_stillness:.0f} s |"
    yield f"| recipients | {_list(evidence.recipients)} |"
    yield f"| requests that reached Meta, by what it answered | {_list(answers)} |"
    yield f"| accepted, of these the answer dropped | {len(evidence.taken):,}, {evidence.dropped():,} |"
    yield f"| hung | {evidence.hung():,} |"
    yield f"| attempts that were followed by another | {sum(it.is_superseded for it in evidence.sent):,} |"
    yield f"| messages in the end | {_list(states)} |"
    yield f"| in doubt for a while: their sender died | {logged.pop('messages.unconfirmed', 0):,} |"
    yield f"| in doubt to the end, by what happened at Meta's door | {_list(unconfirmed)} |"
    kills = max(1, evidence.kills)
    yield f"| the same for each kill: never arrived | {unconfirmed[NEVER_ARRIVED] / kills:.2f} |"
    yield f"| the same for each kill: refused unheard | {unconfirmed[REFUSED_UNHEARD] / kills:.2f} |"
    yield f"| warnings and errors logged | {_list(logged)} |"


def _list(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in sorted(counts.items())) or "none"


def _logged(folder: Path) -> Counter[str]:
    """How often each event was logged above info; a count that an event brings is counted in full."""
    found: Counter[str] = Counter()
    for log in folder.glob("*.log"):
        with log.open(errors="replace") as lines:
            for entry in map(_entry, lines):
                if entry.get("level", "info") not in QUIET_LEVELS:
                    found[_name(entry)] += entry.get("count", 1)
    return found


def _name(entry: dict[str, Any]) -> str:
    """Our own events by their names; a library's by its first words, for the rest are ids."""
    name = str(entry.get("event")) if "." in str(entry.get("event")).split()[0] else "RQ's own"
    has_other_cause = "exception" in entry and not any(cause in entry["exception"] for cause in DATABASE_AWAY)
    return f"{name} (not for the database's absence)" if has_other_cause else name


def _entry(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}

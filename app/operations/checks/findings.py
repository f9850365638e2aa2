"""What a check answers: a level, a sentence, and one next step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.shared import clock


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    BAD = "bad"


class Group(StrEnum):
    """Where one must look to put it right."""

    META = "Meta"
    WEBHOOK = "Webhook"
    HOUSE = "House"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `fix` is the one next step, empty when there is none to take."""

    name: str
    level: Level
    sentence: str
    fix: str = ""

    @property
    def key(self) -> str:
        """The name as programs write it: `redis_memory`."""
        return self.name.lower().replace(" ", "_")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The findings by group. `is_whole` when Meta and our own door were asked too."""

    groups: Mapping[Group, Sequence[Finding]]
    is_whole: bool
    at: datetime = field(default_factory=clock.now)

    @property
    def findings(self) -> list[Finding]:
        """Those of all groups in one row."""
        return [finding for findings in self.groups.values() for finding in findings]

    @property
    def level(self) -> Level:
        """The level of the worst finding."""
        return _worst(self.findings)

    @property
    def verdict(self) -> str:
        """All of it in one sentence."""
        levels = [finding.level for finding in self.findings]
        wrong, odd = levels.count(Level.BAD), levels.count(Level.WARN)
        if wrong:
            return f"{wrong} {'thing is' if wrong == 1 else 'things are'} wrong."
        return f"It works; {odd} {'thing wants' if odd == 1 else 'things want'} a look." if odd else "All is well."

    def level_of(self, group: Group) -> Level:
        """The level of the worst finding in that group."""
        return _worst(self.groups[group])


def _worst(findings: Sequence[Finding]) -> Level:
    found = {finding.level for finding in findings}
    return next((level for level in (Level.BAD, Level.WARN) if level in found), Level.OK)


def ok(name: str, sentence: str, advice: str = "") -> Finding:
    """All is well; at most there is an advice."""
    return Finding(name, Level.OK, sentence, advice)


def warn(name: str, sentence: str, fix: str) -> Finding:
    """It works, and will not for ever, or not as well as it could."""
    return Finding(name, Level.WARN, sentence, fix)


def bad(name: str, sentence: str, fix: str) -> Finding:
    """It does not work."""
    return Finding(name, Level.BAD, sentence, fix)

"""Many people looked for at once. What a text holds is looked up among all that names any of them, so a search for ten
thousand people reads every row once, and hardly more slowly than a search for ten."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import chain

from sqlalchemy import ColumnElement, SQLColumnExpression, true

from app.customers.privacy.person import Person
from app.customers.privacy.traces import SHORTEST_HIDDEN, Traces, digits_of, in_base64, plainly
from app.customers.service import suppression
from app.shared.phone import LONGEST

_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)  # a character as JSON writes it
_WORD = re.compile(r"\w+")
NAMED_BY = ("numbers", "former", "user_ids", "emails", "names")
FEW = 40  # things by which somebody is named; for more of them the database takes longer than we


@dataclass(slots=True)
class Sought:
    """Somebody who is looked for: in what was there `until` then, for the sake of that erasure."""

    erasure_id: int
    person: Person
    until: datetime


@dataclass
class Trace:
    """One thing by which somebody is named: a number, an id, an address or a name."""

    of: Sought
    person: Person
    salt: str = field(repr=False)

    @cached_property
    def traces(self) -> Traces:
        """What finds and removes it exactly. Costly to make, so for those alone who may stand somewhere."""
        return Traces(self.person, self.salt)


class Crowd:
    """Everybody who is looked for in one search."""

    def __init__(self, people: Sequence[Sought]) -> None:
        self.erasure_ids = frozenset(one.erasure_id for one in people)
        self.until = max(one.until for one in people)
        self._numbers: dict[str, list[tuple[str, Trace]]] = {}  # by their last digits
        self._words: dict[str, list[tuple[frozenset[str], Trace]]] = {}  # by their rarest word
        self._hidden: dict[str, list[tuple[str, Trace]]] = {}  # by their last letters in base64
        self._odd: list[Trace] = []  # of no word at all
        salt = suppression.salt()
        traces = list(_traces(people, salt))
        self._few = Traces(_as_one(people), salt) if len(traces) <= FEW else None
        self._digits = min((len(digits_of(number)) for one in traces for number in one.person.numbers), default=LONGEST)
        self._run = re.compile(f"[0-9]{{{self._digits},}}")
        shortest = min((len(piece) for one in traces for piece in in_base64(one.person)), default=SHORTEST_HIDDEN)
        self._coded = re.compile(f"[A-Za-z0-9+/_=-]{{{shortest},}}")
        self._known = Counter(word for trace in traces for word in _words_of(trace))
        for trace in traces:
            self._enter(trace)

    def may_be_in(self, words: SQLColumnExpression[str]) -> ColumnElement[bool]:
        """A condition for what may name somebody. It spares us the other rows where they are few, and is true else."""
        return self._few.may_be_in(words) if self._few else true()

    def named_in(self, words: str, at: datetime | None = None) -> list[Trace]:
        """Whatever these words, written `at` that time, may hold: sometimes too much, never too little."""
        words = f"{words}\n{_ESCAPED.sub(_as_meant, words)}" if "\\" in words else words
        found = {id(trace): trace for trace in self._found(words)}
        return [trace for trace in found.values() if at is None or at <= trace.of.until]

    def _found(self, words: str) -> Iterator[Trace]:
        said = set(_WORD.findall(words.lower()))
        for word in self._words.keys() & said:
            yield from (trace for all_words, trace in self._words[word] if all_words <= said)
        yield from _ending(self._run.findall(plainly(words)), self._numbers, self._digits)
        yield from _ending(self._coded.findall(words), self._hidden, SHORTEST_HIDDEN)
        yield from self._odd

    def _enter(self, trace: Trace) -> None:
        for number in trace.person.numbers:
            digits = digits_of(number)
            self._numbers.setdefault(digits[-self._digits :], []).append((digits, trace))
        if words := _words_of(trace):
            rarest = min(words, key=lambda word: (self._known[word], -len(word)))
            self._words.setdefault(rarest, []).append((words, trace))
        elif not trace.person.numbers:
            self._odd.append(trace)
        for piece in in_base64(trace.person):
            self._hidden.setdefault(piece[-SHORTEST_HIDDEN:], []).append((piece, trace))


def _ending(runs: Iterable[str], known: Mapping[str, list[tuple[str, Trace]]], length: int) -> Iterator[Trace]:
    """Who has something that stands anywhere in these runs of letters; `known` by its last `length` letters."""
    for run in runs:
        for end in range(length, len(run) + 1):
            for whole, trace in known.get(run[end - length : end], ()):
                if run.endswith(whole, 0, end):
                    yield trace


def _traces(people: Iterable[Sought], salt: str) -> Iterator[Trace]:
    for one in people:
        whole = one.person
        parts = [Person(numbers=(number,)) for number in whole.all_numbers]
        parts += [Person(user_ids=(word,)) for word in whole.user_ids]
        parts += [Person(emails=(word,)) for word in whole.emails]
        parts += [Person(names=(name,)) for name in whole.names]
        yield from (Trace(one, part, salt) for part in parts)


def _as_one(people: Sequence[Sought]) -> Person:
    every = {name: tuple(chain(*(getattr(one.person, name) for one in people))) for name in NAMED_BY}
    return Person(**every)


def _words_of(trace: Trace) -> frozenset[str]:
    one = trace.person
    return frozenset(word for said in (*one.user_ids, *one.emails, *one.names) for word in _WORD.findall(said.lower()))


def _as_meant(escaped: re.Match[str]) -> str:
    return chr(int(escaped[1], 16)) if escaped[1] else " " if escaped[0][-1] in "nrtbf" else escaped[0][-1]

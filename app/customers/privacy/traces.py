"""The traces of a person in foreign words: how they are found, and what stands in their place afterwards."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from functools import cached_property

import phonenumbers
from sqlalchemy import ARRAY, ColumnElement, SQLColumnExpression, Text, any_, case, func, literal

from app.customers.privacy.person import Person
from app.customers.service import suppression

ERASED = "[erased]"
GONE = "erased."  # before the digest that stands for a message's id
SHORTEST_NATIONAL = 7  # digits; of shorter ones there are too many that mean something else
SHORTEST_HIDDEN = 8  # letters of base64; shorter ones stand in everybody's ids
CARDS = "contacts"  # whose entry names a person is about them, name and all

# As people write numbers: in groups, with what they put between them (a no-break or narrow space, any dash).
_SEPARATORS = " \t\r\n().-/\u00a0\u2007\u2009\u202f\u2010\u2011\u2012\u2013\u2014"
_BETWEEN = f"[{re.escape(_SEPARATORS)}]{{0,3}}"
# Their digits are those of their script: Arabic, Persian, Devanagari, Bengali, Gurmukhi, Gujarati, Tamil, Telugu,
# Kannada, Malayalam, full width.
_ZEROS = (0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xFF10)
_DIGITS = "".join(chr(zero + digit) for zero in _ZEROS for digit in range(10))
_ASCII = "0123456789" * len(_ZEROS)
_PLAIN = str.maketrans(_DIGITS, _ASCII, _SEPARATORS)
_WILD, _AS_IT_STANDS = re.compile(r"[%_\\]"), r"\\\g<0>"  # what means more than itself in a pattern of LIKE
_WAMID = re.compile(r"wamid\.[\w+/=-]+", re.ASCII)


class Traces:
    """Finds and removes one person in texts and in JSON. Numbers in any spelling, user ids, e-mail addresses, full
    names where the person has any, and message ids of Meta's, which carry the number in base64."""

    def __init__(self, person: Person, salt: str | None = None) -> None:
        self.person = person
        self._salt = salt or suppression.salt()
        self._hidden = tuple(in_base64(person))
        self._ids = {*person.user_ids, *(number.removeprefix("+") for number in person.all_numbers)}

    @cached_property
    def _names(self) -> re.Pattern[str]:
        return re.compile("|".join(_exactly(self.person)) or "(?!)", re.IGNORECASE)

    @cached_property
    def _needles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(plainly, _needles(self.person, self._hidden))))

    def may_be_in(self, words: SQLColumnExpression[str]) -> ColumnElement[bool]:
        """A condition for what may hold a trace: it finds too much, never too little.

        Whatever people put between digits is taken out first, and plain words are looked for. A regular expression
        would find as much, and take eight times as long for fifty people.
        """
        short, whole = func.translate(words, _SEPARATORS, ""), func.translate(words, _DIGITS + _SEPARATORS, _ASCII)
        plain = case((func.octet_length(words) == func.length(words), short), else_=whole)
        patterns = [f"%{_WILD.sub(_AS_IT_STANDS, needle)}%" for needle in self._needles]
        return func.lower(plain).like(any_(literal(patterns, ARRAY(Text))))

    def is_in(self, words: str) -> bool:
        """Whether the person is named in these words."""
        plain = plainly(words)
        if not any(needle in plain for needle in self._needles):
            return False
        return self._names.search(words) is not None or any(part in words for part in self._hidden)

    def scrubbed(self, words: str) -> str:
        """The words without the person."""
        return self._names.sub(ERASED, _WAMID.sub(self._unnamed, words))

    def scrub(self, value: object) -> object:
        """JSON without the person; what it was about besides them stays as it was."""
        if isinstance(value, str):
            return self.scrubbed(value)
        if isinstance(value, dict):
            return {self.scrubbed(key): self.scrub(self._cards(key, part)) for key, part in value.items()}
        if isinstance(value, list):
            return [self.scrub(part) for part in value]
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
        return ERASED if is_number and self._names.fullmatch(f"{value:.0f}") else value

    def is_theirs(self, item: object, *names: str) -> bool:
        """Whether an item of Meta's says under one of these names that it is of this person."""
        return isinstance(item, dict) and any(str(item.get(name)).removeprefix("+") in self._ids for name in names)

    def pseudonym(self, wamid: str) -> str:
        """What stands for the id of a message of theirs, the same everywhere; PostgreSQL's `PSEUDONYM` too."""
        return GONE + suppression.digest_of(self._salt, wamid).hex()

    @property
    def salt(self) -> str:
        return self._salt

    def _unnamed(self, found: re.Match[str]) -> str:
        return self.pseudonym(found[0]) if any(part in found[0] for part in self._hidden) else found[0]

    def _cards(self, key: str, value: object) -> object:
        if key != CARDS or not isinstance(value, list):
            return value
        return [card for card in value if self.scrub({"card": card}) == {"card": card}]


def pseudonym_sql(expression: str) -> str:
    """`Traces.pseudonym` of a text expression; the statement gets `salt`."""
    return f"'{GONE}' || encode(sha256(convert_to(:salt || {expression}, 'UTF8')), 'hex')"


def _exactly(person: Person) -> Iterator[str]:
    for number in person.all_numbers:
        international, national = number.removeprefix("+"), _national(number)
        yield rf"(?<!\d)(?:\+|{_spaced('00')})?{_spaced(international)}(?!\d)"
        if len(national) >= SHORTEST_NATIONAL:
            yield rf"(?<!\d){_digit('0')}?{_spaced(national)}(?!\d)"
    for word in (*person.emails, *person.user_ids):
        yield rf"(?<![\w.]){re.escape(word)}(?!\w)"
    for name in person.names:
        yield rf"(?<!\w){_name(name)}(?!\w)"


def _spaced(number: str) -> str:
    return _BETWEEN.join(map(_digit, number))


def _digit(digit: str) -> str:
    return "[" + digit + "".join(chr(zero + int(digit)) for zero in _ZEROS) + "]"


def _name(name: str) -> str:
    return r"\s+".join(map(re.escape, name.split()))


def _needles(person: Person, hidden: Iterable[str]) -> Iterator[str]:
    """What every spelling of the person holds."""
    yield from map(digits_of, person.all_numbers)
    yield from (*person.user_ids, *person.emails, *person.names, *hidden)


def digits_of(number: str) -> str:
    """The digits that every spelling of the number holds."""
    national = _national(number)
    return national if len(national) >= SHORTEST_NATIONAL else number.removeprefix("+")


def plainly(words: str) -> str:
    """The words with nothing between digits, these being ASCII, in lower case."""
    return words.translate(_PLAIN).lower()


def _national(number: str) -> str:
    return phonenumbers.national_significant_number(phonenumbers.parse(number))


def in_base64(person: Person) -> Iterator[str]:
    """What of a number or id is to be seen in base64, wherever in the coded bytes it begins."""
    words = [number.removeprefix("+") for number in person.all_numbers]
    for word in (*words, *person.user_ids):
        for before in range(3):
            coded = base64.b64encode(b"\0" * before + word.encode()).decode()
            piece = coded[-(-8 * before // 6) : 8 * (before + len(word)) // 6]
            if len(piece) >= SHORTEST_HIDDEN:
                yield piece

"""The traces of a person in foreign words: how they are found, and what stands in their place afterwards."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import phonenumbers

from app.customers.privacy.person import Person
from app.customers.service import suppression

ERASED = "[erased]"
GONE = "erased."  # before the digest that stands for a message's id
SHORTEST_NATIONAL = 7  # digits; of shorter ones there are too many that mean something else
CARDS = "contacts"  # whose entry names a person is about them, name and all

# As people write numbers: in groups, with what they put between them.
_BETWEEN = "[\\s().\u00a0\\-]{0,3}"
_WAMID = re.compile(r"wamid\.[\w+/=-]+", re.ASCII)


class Traces:
    """Finds and removes one person in texts and in JSON. Numbers in any spelling, user ids, e-mail addresses, and
    message ids of Meta's, which carry the number in base64."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self._salt = suppression.salt()
        self._names = re.compile("|".join(_exactly(person)) or "(?!)", re.IGNORECASE)
        self._hidden = tuple(_in_base64(person))
        self._ids = {*person.user_ids, *(number.removeprefix("+") for number in person.all_numbers)}

    @property
    def loosely(self) -> str:
        """A regular expression of PostgreSQL's for what may hold a trace: it finds too much, never too little."""
        numbers = (_BETWEEN.join(number) for number in _digits(self.person))
        rest = (re.escape(word) for word in (*self.person.user_ids, *self.person.emails))
        return "(?i)" + "|".join([*numbers, *rest, *map(re.escape, self._hidden)])

    def is_in(self, words: str) -> bool:
        """Whether the person is named in these words."""
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
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return ERASED if is_number and self._names.fullmatch(str(value)) else value

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
        yield rf"(?<![0-9])(?:\+|00)?{_BETWEEN.join(international)}(?![0-9])"
        if len(national) >= SHORTEST_NATIONAL:
            yield rf"(?<![0-9])0?{_BETWEEN.join(national)}(?![0-9])"
    for word in (*person.emails, *person.user_ids):
        yield rf"(?<![\w.]){re.escape(word)}(?!\w)"


def _digits(person: Person) -> Iterator[str]:
    """What every spelling of a number holds."""
    for number in person.all_numbers:
        national = _national(number)
        yield national if len(national) >= SHORTEST_NATIONAL else number.removeprefix("+")


def _national(number: str) -> str:
    return phonenumbers.national_significant_number(phonenumbers.parse(number))


def _in_base64(person: Person) -> Iterator[str]:
    """What of a number or id is to be seen in base64, wherever in the coded bytes it begins."""
    words = [number.removeprefix("+") for number in person.all_numbers]
    for word in (*words, *person.user_ids):
        for before in range(3):
            coded = base64.b64encode(b"\0" * before + word.encode()).decode()
            yield coded[-(-8 * before // 6) : 8 * (before + len(word)) // 6]

"""What a cell says, as every kind of import reads it: a value that can be kept, or a sentence why not.

An empty cell says nothing: each reader then answers None, or an empty list. Amounts and dates, which are written in
more ways than all others together, have rooms of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from babel import Locale, UnknownLocaleError
from babel.localedata import locale_identifiers

from app.customers.service.people import tags_in
from app.shared import phone, zones
from app.shared.csv_reasons import of_cell, quoted
from app.shared.csv_table import MAX_VALUE
from app.shared.errors import Invalid

T = TypeVar("T")
MOST_TAGS = 100
LONGEST_TAG = 80
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\.]+(\.[^\s@<>,;:\"()\[\]\\.]+)+")
_IN_BRACKETS = re.compile(r".*<(?:mailto:)?([^<>]+)>", re.DOTALL)
_PARTS_TAGS = re.compile(r"[;|\n]")
_YES = frozenset(
    (
        "yes", "y", "true", "t", "1", "on", "x", "✓", "✔", "ok", "agreed", "granted", "subscribed", "opted in",
        "opt in", "opted-in", "opt-in", "optin", "हाँ", "हां", "जी", "oui", "ja", "j", "sí", "si", "s", "sim",
        "da", "evet", "نعم",
    )
)  # fmt: skip
_NO = frozenset(
    (
        "no", "n", "false", "f", "0", "off", "-", "✗", "✘", "none", "never", "refused", "unsubscribed", "opted out",
        "opt out", "opted-out", "opt-out", "optout", "नहीं", "non", "nein", "não", "nao", "nee", "net", "hayır", "لا",
    )
)  # fmt: skip


class Unusable(ValueError):
    """A cell that cannot be read; `str()` is the reason, for people, without a full stop."""


class UnusableRow(ValueError):
    """A row that cannot be used; `str()` is the reason, and names the column and the cell where one is to blame."""


def read(column: str, written: str, how: Callable[[str], T]) -> T:
    """What a column's cell says, read like that. Raises `UnusableRow`."""
    try:
        return how(written)
    except (Unusable, phone.Unusable, Invalid) as why:
        raise UnusableRow(of_cell(column, written, why)) from why


def plain_digits(written: str) -> str:
    """The text with every script's digits as 0-9 and without characters that nobody sees."""
    if written.isascii():
        return written
    return "".join(str(int(char)) if char.isdecimal() else char for char in _UNSEEN.sub("", written))


def text(written: str, most: int = MAX_VALUE) -> str | None:
    """The text without the blanks around it, of at most so many characters."""
    found = written.strip()
    if len(found) > most:
        raise Unusable(f"longer than {most:,} characters")
    return found or None


def email(written: str) -> str | None:
    """One e-mail address as it is written, also out of "Asha Rao <asha@example.com>"."""
    found = written.strip()
    if not found:
        return None
    if "<" in found and (bracketed := _IN_BRACKETS.fullmatch(found)):
        found = bracketed[1].strip()
    found = found.removeprefix("mailto:")
    if len(found) > 254 or not _EMAIL.fullmatch(found):
        raise Unusable(f"{quoted(written)} is not an e-mail address")
    return found


def tags(written: str) -> list[str]:
    """The tags of a cell, each once, in lower case; commas, semicolons, bars and line ends part them."""
    found = tags_in(_PARTS_TAGS.sub(",", written))
    if len(found) > MOST_TAGS:
        raise Unusable(f"more than {MOST_TAGS} tags")
    if any(len(tag) > LONGEST_TAG for tag in found):
        raise Unusable(f"a tag is longer than {LONGEST_TAG} characters")
    return found


def yes_no(written: str) -> bool | None:
    """Whether a cell says yes or no, in the words of several languages."""
    word = written.strip().strip(".!").casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    if word:
        raise Unusable(f"{quoted(written)} is neither yes nor no")
    return None


@lru_cache(maxsize=1024)
def zone(written: str) -> str | None:
    """The IANA name of a time zone ("Asia/Kolkata"), however it is capitalised."""
    name = written.strip().replace(" ", "_")
    if not name:
        return None
    if zones.by_name(name) is None:
        name = "/".join(part.title() if part.islower() or part.isupper() else part for part in name.split("/"))
    if zones.by_name(name) is None or ("/" not in name and name != "UTC"):
        raise Unusable(f"{quoted(written)} is not a time zone; name it like Asia/Kolkata")
    return name


@lru_cache(maxsize=1024)
def locale(written: str) -> str | None:
    """A language as "hi" or "en_IN", out of its code or its English name."""
    asked = written.strip()
    if not asked:
        return None
    code = _code_of(asked) or _languages().get(asked.casefold())
    if code is None:
        raise Unusable(f"{quoted(written)} is not a language; write it like en or en_IN")
    return code


def _code_of(asked: str) -> str | None:
    try:
        return str(Locale.parse(asked.replace("-", "_")))
    except (ValueError, UnknownLocaleError, TypeError):
        return None


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    known = set(locale_identifiers())
    return {name.casefold(): code for code, name in Locale("en").languages.items() if code in known}

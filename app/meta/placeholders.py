"""Texts with `{{1}}` or `{{first_name}}` in them: which names they hold, and how values are put in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")

# Meta refuses a value with a line break, a tab or more than four blanks in a row.
FORBIDDEN = re.compile(r"[\n\r\t\v\f\x1c-\x1e\x85\u2028\u2029]| {5}")


def names_in(words: str) -> list[str]:
    """The names in order of first appearance, each once."""
    return list(dict.fromkeys(PLACEHOLDER.findall(words)))


def clean(value: str | None) -> str:
    """The value as Meta takes it: trimmed, and with single blanks where it holds what Meta refuses."""
    if value is None:
        return ""
    return " ".join(value.split()) if FORBIDDEN.search(value) else value.strip()


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text taken apart once, to be filled many times: words, slot, words, …, slot, words."""

    words: tuple[str, ...]
    slots: tuple[tuple[str, str], ...]  # the key of a value, and the placeholder it replaces

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with its values; where one is missing, its placeholder stays to be seen."""
        pieces = [self.words[0]]
        for (key, placeholder), following in zip(self.slots, self.words[1:], strict=True):
            pieces += (clean(values.get(key)) or placeholder, following)
        return "".join(pieces)


def pattern_of(words: str, prefix: str, key: str | None = None) -> Pattern:
    """The pattern of a text whose values have the keys `<prefix>.<name>`, or all of them the one `key`."""
    found = list(PLACEHOLDER.finditer(words))
    edges = [0, *(edge for match in found for edge in match.span()), len(words)]
    between = tuple(words[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    return Pattern(between, tuple((key or f"{prefix}.{match[1]}", match[0]) for match in found))

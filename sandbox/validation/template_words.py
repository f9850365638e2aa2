"""Whether the words of a template send fit the variables of its template."""

import re
from typing import Any

from sandbox.errors import GraphError
from sandbox.seen.templates import word_of
from sandbox.world.message_template import fill, variables_in

WORDS = ("text", "currency", "date_time")
BROKEN_LINE = re.compile(r"[\n\t]| {5}")


def check_words(part: str, text: str, given: list[dict[str, Any]], named: bool, longest: int) -> None:
    """As many words as variables, by name where the variables have names, not too long once filled in."""
    wanted = variables_in(text)
    if len(given) != len(wanted):
        raise GraphError(
            132000,
            f"{part}: number of localizable_params ({len(given)}) does not match "
            f"the expected number of params ({len(wanted)})",
        )
    values = {}
    for place, parameter in zip(wanted, given, strict=True):
        values[_name(part, parameter, wanted, place, named)] = check_word(part, parameter)
    if len(values) != len(wanted):
        raise GraphError(132012, f"{part}: a parameter_name is given twice")
    if wanted and len(fill(text, values)) > longest:
        raise GraphError(132005, f"{part}: the text is longer than {longest} characters once filled in")


def check_word(part: str, parameter: dict[str, Any]) -> str:
    """The text a parameter brings, which stands on one line."""
    kind = str(parameter.get("type", "")).lower()
    if kind not in WORDS:
        raise GraphError(132012, f"{part}: Format mismatch, expected TEXT, received {kind.upper() or 'UNKNOWN'}")
    word = word_of(parameter)
    if not word:
        raise GraphError(131008, f"Parameter of type {kind} is missing text value")
    if BROKEN_LINE.search(word):
        raise GraphError(132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
    return word


def _name(part: str, parameter: dict[str, Any], wanted: tuple[str, ...], place: str, named: bool) -> str:
    name = parameter.get("parameter_name")
    if not named and name is None:
        return place
    if not named:
        raise GraphError(132012, f"{part}: parameter_name {name!r} is given but the parameters have numbers")
    if name not in wanted:
        raise GraphError(132012, f"{part}: Parameter name {name!r} is missing or not in the template")
    return str(name)

"""The texts of a template definition: lengths, variables, examples."""

import re
from typing import Any

from sandbox.validation.template_refusal import refusal
from sandbox.world.message_template import VARIABLE, variables_in

LONGEST = {"HEADER": 60, "BODY": 1024, "FOOTER": 60}
SUBCODES = {"HEADER": 2388047, "BODY": 2388072, "FOOTER": 2388073}
MOST_VARIABLES = {"HEADER": 1, "BODY": 100, "FOOTER": 0}
TOO_LONG, TOO_MANY_VARIABLES, VARIABLE_AT_EDGE = 2388040, 2388293, 2388299
NAME = re.compile(r"[a-z][a-z0-9_]*")
NEIGHBOURS = re.compile(r"\}\}\s*\{\{")
WORD = re.compile(r"\w+")
EXAMPLES = {
    ("HEADER", False): "header_text",
    ("HEADER", True): "header_text_named_params",
    ("BODY", False): "body_text",
    ("BODY", True): "body_text_named_params",
}


def check_text(kind: str, part: dict[str, Any], named: bool, longest: int | None = None) -> None:
    """The text of a header, body or footer."""
    text = part.get("text")
    if not isinstance(text, str) or not text.strip():
        raise refusal(f"The {kind.lower()} needs a text.", SUBCODES[kind])
    most = longest or LONGEST[kind]
    if len(text) > most:
        raise refusal(f"The {kind.lower()} may have at most {most} characters.", TOO_LONG)
    if kind == "HEADER" and ("\n" in text or "*" in text):
        raise refusal("The header may hold no new lines and no asterisks.", SUBCODES[kind])
    names = variables_in(text)
    _check_names(kind, names, named)
    if kind == "BODY" and names:
        _check_places(text, names)
    if names:
        _check_examples(kind, names, part.get("example"), named)


def _check_names(kind: str, names: tuple[str, ...], named: bool) -> None:
    if len(names) > MOST_VARIABLES[kind]:
        raise refusal(f"The {kind.lower()} has too many variables.", SUBCODES[kind])
    numbered = names == tuple(str(number) for number in range(1, len(names) + 1))
    lettered = all(NAME.fullmatch(name) for name in names)
    if not (lettered if named else numbered):
        wanted = "lower-case names" if named else "the numbers 1, 2, 3 … without a gap"
        raise refusal(f"The variables of the {kind.lower()} must be {wanted}.", SUBCODES[kind])


def _check_places(text: str, names: tuple[str, ...]) -> None:
    bare = text.strip()
    edges = [match.span() for match in VARIABLE.finditer(bare)]
    if edges[0][0] == 0 or edges[-1][1] == len(bare):
        raise refusal("The body may not begin or end with a variable.", VARIABLE_AT_EDGE)
    if NEIGHBOURS.search(bare):
        raise refusal("Two variables may not stand side by side.", SUBCODES["BODY"])
    if len(WORD.findall(VARIABLE.sub(" ", bare))) < 2 * len(names) + 1:
        raise refusal("The body has too many variables for its length.", TOO_MANY_VARIABLES)


def _check_examples(kind: str, names: tuple[str, ...], example: Any, named: bool) -> None:
    given = example.get(EXAMPLES[kind, named]) if isinstance(example, dict) else None
    if named:
        pairs = given if isinstance(given, list) else []
        shown = {one.get("param_name") for one in pairs if isinstance(one, dict) and one.get("example")}
        is_whole = shown >= set(names)
    else:
        row = given[0] if kind == "BODY" and isinstance(given, list) and given else given
        is_whole = isinstance(row, list) and len(row) == len(names) and all(row)
    if not is_whole:
        raise refusal(f"The variables of the {kind.lower()} need examples.", SUBCODES[kind])

"""Whether a new or edited template keeps Meta's rules."""

import re
from collections import Counter
from itertools import groupby
from typing import Any

from sandbox.errors import GraphError
from sandbox.world.message_template import VARIABLE, variables_in

NAME = re.compile(r"[a-z0-9_]{1,512}")
CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
COMPONENTS = ("HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER")
MOST_OF_KIND = {"URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1}
MOST_BUTTONS = 10
LONGEST = {"HEADER": 60, "BODY": 1024, "FOOTER": 60}
PART_SUBCODES = {"HEADER": 2388047, "BODY": 2388072, "FOOTER": 2388073}
TOO_LONG, VARIABLE_AT_EDGE, DUPLICATE = 2388040, 2388299, 2388024


def refusal(details: str, subcode: int | None = None, title: str = "Invalid template") -> GraphError:
    """The refusal of a template definition, in words for people."""
    return GraphError(100, details, subcode=subcode, user_title=title, message="Invalid parameter")


def check_head(name: Any, language: Any, category: Any) -> None:
    """Name, language and category of a new template."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise refusal("The name may hold only lower-case letters, digits and underscores.")
    if not isinstance(language, str) or not language:
        raise GraphError(100, "The parameter language is required.")
    check_category(category)


def check_category(category: Any) -> None:
    """One of Meta's three."""
    if category not in CATEGORIES:
        raise GraphError(100, f"Param category must be one of {{{', '.join(CATEGORIES)}}}.")


def check_components(components: Any, category: str, named: bool) -> None:
    """The parts of a template: lengths, variables with examples, buttons. The words of an
    authentication template are Meta's own, so that nothing but their presence is checked."""
    if not isinstance(components, list) or not all(isinstance(one, dict) for one in components):
        raise GraphError(100, "The parameter components must be an array of objects.")
    by_type = {str(one.get("type", "")).upper(): one for one in components}
    for kind in by_type:
        if kind not in COMPONENTS:
            raise GraphError(100, f"Param type must be one of {{{', '.join(COMPONENTS)}}}.")
    if "BODY" not in by_type:
        raise refusal("A template needs a body.", PART_SUBCODES["BODY"])
    for kind in ("HEADER", "BODY", "FOOTER"):
        if kind in by_type and category != "AUTHENTICATION":
            _check_part(kind, by_type[kind], named)
    _check_buttons(by_type.get("BUTTONS", {}).get("buttons", []))


def _check_part(kind: str, part: dict[str, Any], named: bool) -> None:
    if kind == "HEADER" and str(part.get("format", "")).upper() != "TEXT":
        _check_header_format(part)
        return
    text = part.get("text")
    if not isinstance(text, str) or not text.strip():
        raise refusal(f"The {kind.lower()} needs a text.", PART_SUBCODES[kind])
    if len(text) > LONGEST[kind]:
        raise refusal(f"The {kind.lower()} may have at most {LONGEST[kind]} characters.", TOO_LONG)
    _check_variables(kind, text, named)
    if variables_in(text) and not part.get("example"):
        raise refusal(f"The variables of the {kind.lower()} need examples.", PART_SUBCODES[kind])


def _check_header_format(part: dict[str, Any]) -> None:
    form = str(part.get("format", "")).upper()
    if form not in ("IMAGE", "VIDEO", "DOCUMENT", "LOCATION", "PRODUCT"):
        raise refusal(f"The header's format {form!r} is not known.", PART_SUBCODES["HEADER"])
    handles = (part.get("example") or {}).get("header_handle")
    if form in ("IMAGE", "VIDEO", "DOCUMENT") and not handles:
        raise refusal(f"A header of format {form} needs a sample.", PART_SUBCODES["HEADER"])


def _check_variables(kind: str, text: str, named: bool) -> None:
    names = variables_in(text)
    if len(names) > {"HEADER": 1, "BODY": 100, "FOOTER": 0}[kind]:
        raise refusal(f"The {kind.lower()} has too many variables.", PART_SUBCODES[kind])
    numbered = names == tuple(str(number) for number in range(1, len(names) + 1))
    lettered = all(re.fullmatch(r"[a-z_][a-z0-9_]*", name) for name in names)
    if not (lettered if named else numbered):
        wanted = "lower-case names" if named else "the numbers 1, 2, 3 … without a gap"
        raise refusal(f"The variables of the {kind.lower()} must be {wanted}.", PART_SUBCODES[kind])
    bare = text.strip()
    edges = [match.span() for match in VARIABLE.finditer(bare)]
    if kind == "BODY" and edges and (edges[0][0] == 0 or edges[-1][1] == len(bare)):
        raise refusal("The body may not begin or end with a variable.", VARIABLE_AT_EDGE)


def _check_buttons(buttons: Any) -> None:
    if not isinstance(buttons, list) or not all(isinstance(one, dict) for one in buttons):
        raise GraphError(100, "The parameter buttons must be an array of objects.")
    if len(buttons) > MOST_BUTTONS:
        raise refusal(f"A template may have at most {MOST_BUTTONS} buttons.")
    kinds = [str(button.get("type", "")).upper() for button in buttons]
    for kind, count in Counter(kinds).items():
        if count > MOST_OF_KIND.get(kind, MOST_BUTTONS):
            raise refusal(f"A template may have at most {MOST_OF_KIND[kind]} buttons of type {kind}.")
    groups = [is_reply for is_reply, _ in groupby(kinds, key=lambda kind: kind == "QUICK_REPLY")]
    if groups.count(True) > 1:
        raise refusal("Quick replies must stand together.")
    for button in buttons:
        _check_button(button)


def _check_button(button: dict[str, Any]) -> None:
    kind, text = str(button.get("type", "")).upper(), button.get("text")
    if kind in ("QUICK_REPLY", "URL", "PHONE_NUMBER") and not text:
        raise refusal(f"A button of type {kind} needs a label.")
    if text and len(str(text)) > 25:
        raise refusal("A button's label may have at most 25 characters.", TOO_LONG)
    if kind == "URL" and not str(button.get("url", "")).startswith(("http://", "https://")):
        raise refusal("A button of type URL needs an address.")
    if kind == "URL" and VARIABLE.search(button["url"]) and not button.get("example"):
        raise refusal("A button whose address has a variable needs an example.")

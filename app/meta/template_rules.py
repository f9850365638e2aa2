"""Meta's rules for message templates: what Meta would refuse, said before Meta is asked.

`check` finds what would be refused, `advise` what passes and yet is likely to be regretted.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from app.meta import template_limits as limits
from app.meta.definition import Component, type_of
from app.meta.foreign import items, mapping, text
from app.meta.placeholders import names_in
from app.meta.rules_of_buttons import button_problems
from app.meta.rules_of_kinds import authentication_problems, carousel_problems, offer_problems
from app.meta.rules_of_text import footer_problems, header_problems, text_problems
from app.meta.template_limits import Problem

__all__ = ["Problem", "advise", "check"]

AT_THE_END = re.compile(r"\}\}[.,;:!?]\s*$")
EMOJI = re.compile("[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf]")


def check(definition: object) -> list[Problem]:
    """Every rule of Meta's that a new or edited template breaks, in reading order; empty when it keeps them all.

    `definition` is the body of `POST /{waba}/message_templates`: name, language, category, components, and
    parameter_format. Anything may come in and nothing is raised. Components and buttons we do not know are let be.
    """
    template = mapping(definition)
    parts = {type_of(component): component for component in items(template.get("components"))}
    named = _is_named(template, parts)
    category = (text(template.get("category")) or "").upper()
    return [*_head_problems(template), *_parts_problems(template, parts, category, named)]


def advise(definition: object) -> list[Problem]:
    """What Meta takes but reviewers and customers often do not: to be shown as warnings, never to stop anybody."""
    template = mapping(definition)
    parts = {type_of(component): component for component in items(template.get("components"))}
    return [*_body_advice(template, parts.get("BODY", {})), *_header_advice(parts.get("HEADER", {}))]


def _is_named(template: Component, parts: Mapping[str, Component]) -> bool:
    """Whether variables go by name; without a format, the names in the body tell."""
    if given := text(template.get("parameter_format")):
        return given.upper() == "NAMED"
    words = (text(parts.get(kind, {}).get("text")) or "" for kind in ("HEADER", "BODY"))
    return any(not name.isdigit() for part in words for name in names_in(part))


def _head_problems(template: Component) -> Iterator[Problem]:
    if not limits.NAME.fullmatch(text(template.get("name")) or ""):
        sentence = (
            f"A name has 1 to {limits.MAX_NAME} lower-case letters, digits and underscores, such as diwali_offer."
        )
        yield Problem("name", sentence, "bad_value")
    if not limits.LANGUAGE.fullmatch(text(template.get("language")) or ""):
        yield Problem("language", "A language is written like en, en_US or hi.", "bad_value")
    if text(template.get("category")) not in limits.CATEGORIES:
        yield Problem("category", "The category is marketing, utility or authentication.", "bad_value")
    parameter_format = text(template.get("parameter_format"))
    if parameter_format is not None and parameter_format.upper() not in limits.PARAMETER_FORMATS:
        yield Problem("parameter_format", "Variables are either numbered or named.", "bad_value")


def _parts_problems(
    template: Component, parts: Mapping[str, Component], category: str, named: bool
) -> Iterator[Problem]:
    counts = Counter(type_of(component) for component in items(template.get("components")))
    for kind in (kind for kind, count in counts.items() if count > 1):
        yield Problem("components", f"A template has only one {limits.spoken(kind)}.", "duplicate")
    if "BODY" not in parts:
        yield Problem("body.text", "A template needs a text.", "required")
    elif category == "AUTHENTICATION":
        yield from authentication_problems(parts)
        return
    yield from header_problems("", parts.get("HEADER"), named)
    if "BODY" in parts:
        yield from text_problems("body", "The text", parts["BODY"], limits.MAX_BODY, named)
    yield from footer_problems(parts.get("FOOTER"))
    yield from button_problems("", parts.get("BUTTONS", {}).get("buttons"))
    if any(type_of(button) == "OTP" for button in items(parts.get("BUTTONS", {}).get("buttons"))):
        yield Problem("category", "A button that hands over a code belongs to authentication.", "not_allowed")
    yield from offer_problems(parts, category)
    yield from carousel_problems(parts, named)


def _body_advice(template: Component, body: Component) -> Iterator[Problem]:
    words = text(body.get("text")) or ""
    if text(template.get("category")) == "MARKETING" and len(words) > limits.ADVISED_MARKETING_BODY:
        sentence = f"Marketing texts beyond {limits.ADVISED_MARKETING_BODY} characters are often refused or cut off."
        yield Problem("body.text", sentence, "too_long")
    names = names_in(words)
    if 2 * len(names) < len(words.split()) < limits.ADVISED_WORDS_PER_VARIABLE * len(names) + 1:
        yield Problem("body.text", "Texts with so many variables for their length are often refused.", "variable_ratio")
    if AT_THE_END.search(words):
        yield Problem(
            "body.text", "A text that ends with a variable and a full stop is often refused.", "variable_edge"
        )
    if len(EMOJI.findall(words)) > limits.ADVISED_EMOJI:
        yield Problem("body.text", f"More than {limits.ADVISED_EMOJI} emoji look like spam to reviewers.", "bad_value")


def _header_advice(header: Component) -> Iterator[Problem]:
    words = text(header.get("text")) or ""
    if "\n" in words or "*" in words or EMOJI.search(words):
        sentence = "Headers with line breaks, asterisks or emoji are usually refused."
        yield Problem("header.text", sentence, "bad_value")

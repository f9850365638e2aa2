"""Whether a new or edited template keeps Meta's rules."""

import re
from typing import Any

from sandbox.errors import GraphError
from sandbox.validation.template_button_rules import LONGEST_CODE, MOST_BUTTONS, check_buttons
from sandbox.validation.template_forms import (
    LONGEST_OFFER_BODY,
    LONGEST_OFFER_CODE,
    check_authentication,
    check_carousel,
    check_offer,
)
from sandbox.validation.template_header import check_header
from sandbox.validation.template_refusal import refusal
from sandbox.validation.template_text import SUBCODES, check_text
from sandbox.world.world import World

NAME = re.compile(r"[a-z0-9_]{1,512}")
LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2,3})?")
CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
FORMATS = ("POSITIONAL", "NAMED")
COMPONENTS = ("HEADER", "BODY", "FOOTER", "BUTTONS", "CAROUSEL", "LIMITED_TIME_OFFER")
# How many seconds a message may wait for its customer, by category; -1 is Meta's usual.
LIFETIMES = {"AUTHENTICATION": (30, 900), "UTILITY": (30, 43_200), "MARKETING": (43_200, 2_592_000)}


def check_head(name: Any, language: Any, category: Any) -> None:
    """Name, language and category of a new template."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise refusal("The name may hold only lower-case letters, digits and underscores.")
    if not isinstance(language, str) or not LANGUAGE.fullmatch(language):
        raise GraphError(100, "Param language must be a language code such as en or en_US.")
    check_category(category)


def check_category(category: Any) -> None:
    """One of Meta's three."""
    if category not in CATEGORIES:
        raise GraphError(100, f"Param category must be one of {{{', '.join(CATEGORIES)}}}.")


def is_named(parameter_format: Any) -> bool:
    """Whether the variables are to have names. Raises GraphError for an unknown format."""
    form = str(parameter_format or FORMATS[0]).upper()
    if form not in FORMATS:
        raise GraphError(100, f"Param parameter_format must be one of {{{', '.join(FORMATS)}}}.")
    return form == "NAMED"


def check_lifetime(seconds: Any, category: str) -> None:
    """How long a message waits for its customer."""
    if seconds in (None, -1):
        return
    least, most = LIFETIMES[category]
    if isinstance(seconds, bool) or not str(seconds).isdecimal() or not least <= int(seconds) <= most:
        raise GraphError(100, f"Param message_send_ttl_seconds must be between {least} and {most} for {category}.")


def check_components(components: Any, category: str, named: bool, world: World) -> None:
    """The parts of a template: lengths, variables with examples, samples, buttons, special forms."""
    parts = _parts(components)
    if "BODY" not in parts:
        raise refusal("A template needs a body.", SUBCODES["BODY"])
    if category == "AUTHENTICATION":
        check_authentication(parts)
        return
    is_offer = "LIMITED_TIME_OFFER" in parts
    if "HEADER" in parts:
        check_header(parts["HEADER"], named, world)
    check_text("BODY", parts["BODY"], named, LONGEST_OFFER_BODY if is_offer else None)
    if "FOOTER" in parts:
        check_text("FOOTER", parts["FOOTER"], named)
    if "BUTTONS" in parts:
        longest_code = LONGEST_OFFER_CODE if is_offer else LONGEST_CODE
        buttons = check_buttons(parts["BUTTONS"].get("buttons"), MOST_BUTTONS, longest_code)
        if any(str(button.get("type")).upper() == "OTP" for button in buttons):
            raise refusal("A button of type OTP belongs to an authentication template.")
    if is_offer:
        check_offer(parts)
    if "CAROUSEL" in parts:
        check_carousel(parts, named, world)


def _parts(components: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(components, list) or not all(isinstance(one, dict) for one in components):
        raise GraphError(100, "The parameter components must be an array of objects.")
    parts: dict[str, dict[str, Any]] = {}
    for component in components:
        kind = str(component.get("type", "")).upper()
        if kind not in COMPONENTS:
            raise GraphError(100, f"Param type must be one of {{{', '.join(COMPONENTS)}}}.")
        if kind in parts:
            raise refusal(f"A template has at most one component of type {kind}.")
        parts[kind] = component
    return parts

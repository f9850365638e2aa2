"""Whether a template send fills its template."""

import re
from typing import Any

from sandbox.errors import GraphError, invalid, missing
from sandbox.seen import word_of
from sandbox.world.message_template import Button, Shape, Template, fill, variables_in
from sandbox.world.world import World

LONGEST_HEADER = 60
LONGEST_BODY = 1024
LONGEST_CODE = 20
WORDS = ("text", "currency", "date_time")
BROKEN_LINE = re.compile(r"[\n\t]| {5}")


def template_of(sent: Any, world: World) -> Template:
    """The approved template a send asks for."""
    if not isinstance(sent, dict):
        raise missing("template")
    language = sent.get("language")
    code = language.get("code") if isinstance(language, dict) else None
    for parameter, value in (("template['name']", sent.get("name")), ("template['language']['code']", code)):
        if not value or not isinstance(value, str):
            raise missing(parameter)
    template = world.template_of(sent["name"], str(code))
    if template is not None and template.status == "PAUSED":
        raise GraphError(132015)
    if template is not None and template.status == "DISABLED":
        raise GraphError(132016)
    if template is None or template.status != "APPROVED":
        raise GraphError(132001, f"template name ({sent['name']}) does not exist in {code}")
    return template


def check_components(template: Template, components: Any, world: World) -> None:
    """Refuse components that do not fit the template, with Meta's codes."""
    _check_parts(template.shape, _listed("template['components']", components), template.is_named, world)


def _check_parts(shape: Shape, components: list[dict[str, Any]], named: bool, world: World) -> None:
    parts: dict[str, dict[str, Any]] = {}
    buttons: dict[int, dict[str, Any]] = {}
    for component in components:
        kind = str(component.get("type", "")).lower()
        if kind not in ("header", "body", "button", "carousel", "limited_time_offer"):
            raise GraphError(100, "Param type must be one of {HEADER, BODY, BUTTON, LIMITED_TIME_OFFER, CAROUSEL}.")
        if kind == "button":
            buttons[_index(component)] = component
        else:
            parts[kind] = component
    _check_header(shape, _parameters(parts.get("header")), named, world)
    _check_words("body", shape.body, _parameters(parts.get("body")), named, LONGEST_BODY)
    _check_buttons(shape.buttons, buttons)
    _check_offer(shape, _parameters(parts.get("limited_time_offer")))
    _check_cards(shape, parts.get("carousel", {}).get("cards"), named, world)


def _check_header(shape: Shape, given: list[dict[str, Any]], named: bool, world: World) -> None:
    wanted = shape.header_format
    if wanted in (None, "TEXT"):
        _check_words("header", shape.header, given, named, LONGEST_HEADER)
        return
    kind = str(given[0].get("type", "")) if given else "unknown"
    if len(given) != 1 or kind.upper() != wanted:
        raise GraphError(132012, f"header: Format mismatch, expected {wanted}, received {kind.upper()}")
    content = given[0].get(kind.lower())
    if kind.lower() in ("image", "video", "document"):
        check_media(kind.lower(), content, world)
    elif not isinstance(content, dict):
        raise missing(f"header.{kind.lower()}")


def check_media(kind: str, content: Any, world: World) -> None:
    """A media object needs a link, or the id of something uploaded."""
    if not isinstance(content, dict) or not (content.get("id") or content.get("link")):
        raise missing(f"{kind}['id'] or {kind}['link']")
    if content.get("id") and str(content["id"]) not in world.media:
        details = f"Param {kind}['id'] is not a valid whatsapp business account media attachment ID"
        raise invalid(details)
    if not content.get("id") and not str(content["link"]).startswith(("http://", "https://")):
        raise invalid(f"Param {kind}['link'] is not a valid URL.")


def _check_words(part: str, text: str, given: list[dict[str, Any]], named: bool, longest: int) -> None:
    wanted = variables_in(text)
    if len(given) != len(wanted):
        raise GraphError(
            132000,
            f"{part}: number of localizable_params ({len(given)}) does not match "
            f"the expected number of params ({len(wanted)})",
        )
    values = {}
    for place, parameter in zip(wanted, given, strict=True):
        values[_name(part, parameter, wanted, place, named)] = _word(part, parameter)
    if len(values) != len(wanted):
        raise GraphError(132012, f"{part}: a parameter_name is given twice")
    if len(fill(text, values)) > longest:
        raise GraphError(132005, f"{part}: the text is longer than {longest} characters once filled in")


def _name(part: str, parameter: dict[str, Any], wanted: tuple[str, ...], place: str, named: bool) -> str:
    name = parameter.get("parameter_name")
    if not named and name is None:
        return place
    if not named:
        raise GraphError(132012, f"{part}: parameter_name {name!r} is given but the parameters have numbers")
    if name not in wanted:
        raise GraphError(132012, f"{part}: Parameter name {name!r} is missing or not in the template")
    return str(name)


def _word(part: str, parameter: dict[str, Any]) -> str:
    kind = str(parameter.get("type", "")).lower()
    if kind not in WORDS:
        raise GraphError(132012, f"{part}: Format mismatch, expected TEXT, received {kind.upper() or 'UNKNOWN'}")
    word = word_of(parameter)
    if not word:
        raise GraphError(131008, f"Parameter of type {kind} is missing text value")
    if BROKEN_LINE.search(word):
        raise GraphError(132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
    return word


def _check_buttons(wanted: tuple[Button, ...], given: dict[int, dict[str, Any]]) -> None:
    for index, component in given.items():
        if index >= len(wanted):
            raise GraphError(132012, f"buttons: There is no button at index {index}")
        _check_button(index, wanted[index], component)
    for index, button in enumerate(wanted):
        if button.takes_value and index not in given:
            kind = button.kind.title()
            raise GraphError(131008, f"buttons: Button at index {index} of type {kind} requires a parameter")


def _check_button(index: int, button: Button, component: dict[str, Any]) -> None:
    kind = str(component.get("sub_type", "")).upper()
    if kind != ("URL" if button.kind == "OTP" else button.kind):
        raise GraphError(132012, f"buttons: Button at index {index} is of type {button.kind}, not {kind}")
    given = _parameters(component)
    if kind == "URL" and len(given) != int(button.takes_value):
        raise GraphError(
            132000,
            f"buttons: Button at index {index}: number of params ({len(given)}) does not match "
            f"the expected number of params ({int(button.takes_value)})",
        )
    if kind == "URL" and given:
        _word(f"button {index}", given[0])
    if kind == "COPY_CODE":
        _check_code(index, given)


def _check_code(index: int, given: list[dict[str, Any]]) -> None:
    code = given[0].get("coupon_code") if given else None
    if not code:
        raise GraphError(131008, f"buttons: Button at index {index} of type Copy_Code requires a parameter")
    if len(str(code)) > LONGEST_CODE:
        raise GraphError(132005, f"buttons: the code is longer than {LONGEST_CODE} characters")


def _check_offer(shape: Shape, given: list[dict[str, Any]]) -> None:
    offer = given[0].get("limited_time_offer") if given else None
    if shape.offer_expires and not (isinstance(offer, dict) and offer.get("expiration_time_ms")):
        raise missing("limited_time_offer['expiration_time_ms']")


def _check_cards(shape: Shape, given: Any, named: bool, world: World) -> None:
    cards = _listed("carousel['cards']", given)
    if len(cards) != len(shape.cards):
        raise GraphError(132012, f"carousel: the template has {len(shape.cards)} cards, {len(cards)} were given")
    for wanted, card in zip(shape.cards, cards, strict=True):
        _check_parts(wanted, _listed("cards['components']", card.get("components")), named, world)


def _index(component: dict[str, Any]) -> int:
    index = str(component.get("index", "0"))
    if not index.isascii() or not index.isdigit():
        raise invalid(f"Param index must be a number, not {index!r}")
    return int(index)


def _parameters(component: dict[str, Any] | None) -> list[dict[str, Any]]:
    return _listed("parameters", component.get("parameters")) if component else []


def _listed(parameter: str, value: Any) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise GraphError(100, f"Param {parameter} must be an array of objects.")
    return value

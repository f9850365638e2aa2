"""Whether a template send fills its template."""

import time
from typing import Any

from sandbox.errors import GraphError, missing
from sandbox.validation.free_form import check_place
from sandbox.validation.media import check_media
from sandbox.validation.products import check_product
from sandbox.validation.template_buttons import check_buttons
from sandbox.validation.template_words import check_words
from sandbox.validation.words import objects
from sandbox.world.message_template import Shape, Template
from sandbox.world.world import World

LONGEST_HEADER = 60
LONGEST_BODY, LONGEST_OFFER_BODY, LONGEST_CARD_BODY = 1024, 600, 160
MOST_PRODUCT_CARDS = 10
PARTS = ("header", "body", "button", "carousel", "limited_time_offer", "footer")


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
    shape = template.shape
    longest = LONGEST_OFFER_BODY if shape.is_offer else LONGEST_BODY
    _check_parts(shape, objects("template['components']", components), template.is_named, longest, world)


def _check_parts(shape: Shape, components: list[dict[str, Any]], named: bool, longest: int, world: World) -> None:
    parts: dict[str, dict[str, Any]] = {}
    buttons = []
    for component in components:
        kind = str(component.get("type", "")).lower()
        if kind not in PARTS:
            raise GraphError(100, "Param type must be one of {HEADER, BODY, BUTTON, LIMITED_TIME_OFFER, CAROUSEL}.")
        if kind == "button":
            buttons.append(component)
        else:
            parts[kind] = component
    _check_header(shape, _parameters(parts.get("header")), named, world)
    check_words("body", shape.body, _parameters(parts.get("body")), named, longest)
    check_buttons(shape.buttons, buttons, world)
    _check_offer(shape, _parameters(parts.get("limited_time_offer")))
    _check_cards(shape, parts.get("carousel", {}).get("cards"), named, world)


def _check_header(shape: Shape, given: list[dict[str, Any]], named: bool, world: World) -> None:
    wanted = shape.header_format
    if wanted in (None, "TEXT"):
        check_words("header", shape.header, given, named, LONGEST_HEADER)
        return
    kind = str(given[0].get("type", "")) if given else "unknown"
    if len(given) != 1 or kind.upper() != wanted:
        raise GraphError(132012, f"header: Format mismatch, expected {wanted}, received {kind.upper()}")
    content = given[0].get(kind.lower())
    if kind.lower() in ("image", "video", "document"):
        check_media(kind.lower(), content, world)
    elif not isinstance(content, dict):
        raise missing(f"header.{kind.lower()}")
    elif wanted == "LOCATION":
        check_place("header.location", content)
    elif wanted == "PRODUCT":
        check_product(content.get("product_retailer_id"), content.get("catalog_id"), world)


def _check_offer(shape: Shape, given: list[dict[str, Any]]) -> None:
    if not shape.offer_expires:
        return
    offer = given[0].get("limited_time_offer") if given else None
    moment = offer.get("expiration_time_ms") if isinstance(offer, dict) else None
    if moment is None:
        raise missing("limited_time_offer['expiration_time_ms']")
    if not str(moment).isdecimal() or int(moment) / 1000 < time.time():
        raise GraphError(132012, "limited_time_offer: expiration_time_ms must be a moment ahead, in milliseconds")


def _check_cards(shape: Shape, given: Any, named: bool, world: World) -> None:
    cards, wanted = objects("carousel['cards']", given), shape.cards
    if shape.has_product_cards and len(wanted) <= len(cards) <= MOST_PRODUCT_CARDS:
        wanted = (wanted[0],) * len(cards)  # made with two cards, sent with up to ten
    if len(cards) != len(wanted):
        raise GraphError(132012, f"carousel: the template has {len(wanted)} cards, {len(cards)} were given")
    for one, card in zip(wanted, cards, strict=True):
        components = objects("cards['components']", card.get("components"))
        _check_parts(one, components, named, LONGEST_CARD_BODY, world)


def _parameters(component: dict[str, Any] | None) -> list[dict[str, Any]]:
    return objects("parameters", component.get("parameters")) if component else []

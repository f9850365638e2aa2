"""Templates of a special form: limited-time offers, carousels, authentication."""

from typing import Any

from sandbox.errors import GraphError
from sandbox.validation.template_button_rules import check_buttons
from sandbox.validation.template_header import check_header
from sandbox.validation.template_refusal import refusal
from sandbox.validation.template_text import TOO_LONG, check_text
from sandbox.world.message_template import Shape, shape_of
from sandbox.world.world import World

LONGEST_OFFER, LONGEST_OFFER_BODY, LONGEST_OFFER_CODE = 16, 600, 15
LEAST_CARDS, MOST_CARDS, LONGEST_CARD_BODY, MOST_CARD_BUTTONS = 2, 10, 160, 2
CARD_HEADERS = ("IMAGE", "VIDEO", "PRODUCT")
OTP_TYPES = ("COPY_CODE", "ONE_TAP", "ZERO_TAP")
MOST_MINUTES = 90

Parts = dict[str, dict[str, Any]]


def check_offer(parts: Parts) -> None:
    """A limited-time offer: a short text, an image or video or nothing above, no footer, a shorter code."""
    offer = parts["LIMITED_TIME_OFFER"].get("limited_time_offer")
    text = offer.get("text") if isinstance(offer, dict) else None
    if not isinstance(text, str) or not text:
        raise refusal("A limited-time offer needs a text.")
    if len(text) > LONGEST_OFFER:
        raise refusal(f"The text of an offer may have at most {LONGEST_OFFER} characters.", TOO_LONG)
    if "FOOTER" in parts:
        raise refusal("A template with a limited-time offer has no footer.", 2388073)
    if str(parts.get("HEADER", {}).get("format", "IMAGE")).upper() not in ("IMAGE", "VIDEO"):
        raise refusal("A limited-time offer takes an image or a video as its header.", 2388047)


def check_carousel(parts: Parts, named: bool, world: World) -> None:
    """A carousel: two to ten cards of one shape, and nothing beside it but a body."""
    if set(parts) - {"BODY", "CAROUSEL"}:
        raise refusal("A carousel stands with a body alone.")
    cards = parts["CAROUSEL"].get("cards")
    if not isinstance(cards, list) or not LEAST_CARDS <= len(cards) <= MOST_CARDS:
        raise refusal(f"A carousel has {LEAST_CARDS} to {MOST_CARDS} cards.")
    shapes = {_form(_check_card(card, named, world)) for card in cards}
    if len(shapes) > 1:
        raise refusal("All cards of a carousel must have the same components.")


def _check_card(card: Any, named: bool, world: World) -> Shape:
    components = card.get("components") if isinstance(card, dict) else None
    if not isinstance(components, list) or not all(isinstance(one, dict) for one in components):
        raise GraphError(100, "Each card needs components, an array of objects.")
    parts = {str(one.get("type", "")).upper(): one for one in components}
    if str(parts.get("HEADER", {}).get("format", "")).upper() not in CARD_HEADERS:
        raise refusal("A card's header is an image, a video or a product.", 2388047)
    check_header(parts["HEADER"], named, world)
    if "BODY" in parts:
        check_text("BODY", parts["BODY"], named, LONGEST_CARD_BODY)
    if "BUTTONS" not in parts:
        raise refusal("A card needs a button.")
    check_buttons(parts["BUTTONS"].get("buttons"), MOST_CARD_BUTTONS)
    return shape_of(components)


def _form(shape: Shape) -> tuple[object, ...]:
    return shape.header_format, bool(shape.body), tuple(button.kind for button in shape.buttons)


def check_authentication(parts: Parts) -> None:
    """An authentication template: Meta's own words, one OTP button."""
    if set(parts) - {"BODY", "FOOTER", "BUTTONS"} or parts["BODY"].get("text"):
        raise refusal("An authentication template has Meta's own words, perhaps a footer, and a button.", 2388072)
    minutes = parts.get("FOOTER", {}).get("code_expiration_minutes")
    if minutes is not None and not (isinstance(minutes, int) and 1 <= minutes <= MOST_MINUTES):
        raise refusal(f"A code expires in 1 to {MOST_MINUTES} minutes.", 2388073)
    (button,) = check_buttons(parts.get("BUTTONS", {}).get("buttons"), most=1)
    _check_otp(button)


def _check_otp(button: dict[str, Any]) -> None:
    form = str(button.get("otp_type", "")).upper()
    if str(button.get("type", "")).upper() != "OTP" or form not in OTP_TYPES:
        raise refusal(f"An authentication template needs a button of type OTP: {', '.join(OTP_TYPES)}.")
    if form != "COPY_CODE" and not button.get("supported_apps"):
        raise refusal(f"A button of type {form} needs supported_apps.")
    if form == "ZERO_TAP" and button.get("zero_tap_terms_accepted") is not True:
        raise refusal("A button of type ZERO_TAP needs zero_tap_terms_accepted.")


def worded(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An authentication template's components with Meta's words in them."""
    return [_WORDS[kind](one) if (kind := str(one["type"]).upper()) in _WORDS else one for one in components]


def _body(part: dict[str, Any]) -> dict[str, Any]:
    advice = " For your security, do not share this code." if part.get("add_security_recommendation") else ""
    example = {"body_text": [["123456"]]}
    return part | {"text": f"*{{{{1}}}}* is your verification code.{advice}", "example": example}


def _footer(part: dict[str, Any]) -> dict[str, Any]:
    return part | {"text": f"This code expires in {part['code_expiration_minutes']} minutes."}


_WORDS = {"BODY": _body, "FOOTER": _footer}

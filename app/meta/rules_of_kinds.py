"""Meta's rules for special kinds of message templates: one-time codes, limited-time offers, carousels."""

from collections.abc import Iterator, Mapping

from app.meta import template_limits as limits
from app.meta.definition import Component, type_of
from app.meta.foreign import integer, items, mapping, text
from app.meta.rules_of_buttons import button_problems
from app.meta.rules_of_text import header_problems, text_problems
from app.meta.template_limits import Problem, too_long


def authentication_problems(parts: Mapping[str, Component]) -> Iterator[Problem]:
    """The words of these are Meta's own; only how the code is shown is ours to say."""
    if "HEADER" in parts:
        yield Problem("header", "Templates for codes have no header.", "not_allowed")
    minutes = parts.get("FOOTER", {}).get("code_expiration_minutes")
    if minutes is not None and not 1 <= (integer(minutes) or 0) <= limits.MAX_CODE_MINUTES:
        sentence = f"A code is valid for 1 to {limits.MAX_CODE_MINUTES} minutes."
        yield Problem("footer.code_expiration_minutes", sentence, "bad_value")
    buttons = list(items(parts.get("BUTTONS", {}).get("buttons")))
    kinds = [type_of(button) for button in buttons]
    # Meta gives the button back as the URL it made of it.
    if kinds not in (["OTP"], ["URL"]):
        yield Problem(
            "buttons", "Templates for codes have exactly one button, which hands over the code.", "not_allowed"
        )
    yield from button_problems("", buttons)


def offer_problems(parts: Mapping[str, Component], category: str) -> Iterator[Problem]:
    if "LIMITED_TIME_OFFER" not in parts:
        return
    words = text(mapping(parts["LIMITED_TIME_OFFER"].get("limited_time_offer")).get("text")) or ""
    if not words.strip():
        yield Problem("limited_time_offer.text", "The offer needs a few words.", "required")
    yield from too_long("limited_time_offer.text", "The offer's words", words, limits.MAX_OFFER_TEXT)
    if category != "MARKETING":
        yield Problem("category", "A limited-time offer is marketing.", "not_allowed")
    if "FOOTER" in parts:
        yield Problem("footer.text", "A limited-time offer has no footer.", "not_allowed")
    if "HEADER" in parts and (text(parts["HEADER"].get("format")) or "").upper() not in ("IMAGE", "VIDEO"):
        yield Problem("header", "The header of a limited-time offer is an image or a video.", "not_allowed")
    body = text(parts.get("BODY", {}).get("text")) or ""
    yield from too_long("body.text", "The text of a limited-time offer", body, limits.MAX_OFFER_BODY)
    for index, button in enumerate(items(parts.get("BUTTONS", {}).get("buttons"))):
        code = text(button.get("example")) or ""
        if type_of(button) == "COPY_CODE":
            field = f"buttons.{index}.sample"
            yield from too_long(field, "The code of a limited-time offer", code, limits.MAX_OFFER_CODE)


def carousel_problems(parts: Mapping[str, Component], named: bool) -> Iterator[Problem]:
    if "CAROUSEL" not in parts:
        return
    for kind in ("HEADER", "FOOTER", "BUTTONS"):
        if kind in parts:
            sentence = f"Beside a carousel stands a text only; the {limits.spoken(kind)} belong on its cards."
            yield Problem(kind.lower(), sentence, "not_allowed")
    cards = [
        {type_of(part): part for part in items(card.get("components"))}
        for card in items(parts["CAROUSEL"].get("cards"))
    ]
    if not limits.MIN_CARDS <= len(cards) <= limits.MAX_CARDS:
        yield Problem("carousel", f"A carousel has {limits.MIN_CARDS} to {limits.MAX_CARDS} cards.", "card_count")
    for index, card in enumerate(cards):
        yield from _card_problems(f"cards.{index}.", card, named)
        if _shape_of(card) != _shape_of(cards[0]):
            sentence = "All cards have the same kind of header and the same buttons in the same order."
            yield Problem(f"cards.{index}", sentence, "card_shape")


def _card_problems(where: str, card: Mapping[str, Component], named: bool) -> Iterator[Problem]:
    header = card.get("HEADER")
    if header is None or (text(header.get("format")) or "").upper() not in ("IMAGE", "VIDEO", "PRODUCT"):
        yield Problem(f"{where}header", "A card begins with an image, a video or a product.", "required")
    else:
        yield from header_problems(where, header, named)
    if "BODY" in card:
        yield from text_problems(f"{where}body", "The card's text", card["BODY"], limits.MAX_CARD_BODY, named)
    buttons = list(items(card.get("BUTTONS", {}).get("buttons")))
    if not 1 <= len(buttons) <= limits.MAX_CARD_BUTTONS:
        yield Problem(f"{where}buttons", "A card has one or two buttons.", "button_count")
    yield from button_problems(where, buttons)


def _shape_of(card: Mapping[str, Component]) -> object:
    kinds = [type_of(button) for button in items(card.get("BUTTONS", {}).get("buttons"))]
    return (text(card.get("HEADER", {}).get("format")) or "").upper(), "BODY" in card, kinds

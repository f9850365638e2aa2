"""A message template's definition as Meta returns it, read into its parts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.meta.foreign import items, mapping, text
from app.meta.placeholders import names_in

Component = Mapping[str, object]

MEDIA = ("image", "video", "document")
HEADERS = ("text", *MEDIA, "location", "product")
BUTTONS = (
    *("QUICK_REPLY", "PHONE_NUMBER", "URL", "COPY_CODE", "OTP", "CATALOG", "MPM", "SPM"),
    *("VOICE_CALL", "REQUEST_CONTACT_INFO"),
)
COMPONENTS = ("HEADER", "BODY", "FOOTER", "BUTTONS", "LIMITED_TIME_OFFER", "CAROUSEL", "CALL_PERMISSION_REQUEST")


@dataclass(frozen=True, slots=True)
class TemplateVariable:
    """One gap in a template.

    `key` names its value: body.1, header.first_name, header.media, header.latitude, header.product_retailer_id,
    button.0.1 (a URL's end), button.2.code, button.0.sections, limited_time_offer.expiration, and for the cards of
    a carousel card.0.header.media, card.0.body.1, card.0.button.1.1.
    `part` is header, body, button or offer; `kind` is text, image, video, document, url_suffix, coupon_code,
    latitude, longitude, place_name, place_address, product, catalog, sections, expiration, payload or filename.
    `card` counts from 0, None outside of a carousel.
    """

    key: str
    part: str
    name: str
    kind: str
    sample: str | None
    card: int | None = None


@dataclass(frozen=True, slots=True)
class Definition:
    """The parts of a template or of a carousel's card; an absent one is empty."""

    header: Component
    body: Component
    footer: Component
    offer: Component
    buttons: tuple[Component, ...]
    cards: tuple["Definition", ...]
    types: tuple[str, ...]

    @property
    def header_format(self) -> str | None:
        """text, image, video, document, location, …, or None without a header."""
        return (text(self.header.get("format")) or "text").lower() if self.header else None

    def is_named(self, parameter_format: str | None) -> bool:
        """Whether parameters go by name; without a format, the names themselves tell."""
        if parameter_format:
            return parameter_format.upper() == "NAMED"
        texts = (self.header, self.body, *(card.body for card in self.cards))
        words = (text(part.get("text")) or "" for part in texts)
        return any(not name.isdigit() for part in words for name in names_in(part))

    def unsupported(self) -> list[str]:
        """The parts that need what nobody can give us; a template with one cannot be sent. Each is named once."""
        found = [kind for kind in self.types if kind not in COMPONENTS]
        if "CAROUSEL" in self.types and not self.cards:
            found.append("CAROUSEL")
        if self.header_format not in (None, *HEADERS):
            found.append(f"HEADER {self.header_format.upper()}")
        kinds = (type_of(button) for button in self.buttons)
        found += [f"BUTTON {kind}" for kind in kinds if kind not in BUTTONS]
        return list(dict.fromkeys([*found, *(name for card in self.cards for name in card.unsupported())]))


def read_definition(components: object) -> Definition:
    """The parts of `components`, whatever shape it comes in; what is no component is passed over."""
    parts = {type_of(component): component for component in items(components)}
    return Definition(
        parts.get("HEADER", {}),
        parts.get("BODY", {}),
        parts.get("FOOTER", {}),
        mapping(parts.get("LIMITED_TIME_OFFER", {}).get("limited_time_offer")),
        tuple(items(parts.get("BUTTONS", {}).get("buttons"))),
        tuple(_cards(parts.get("CAROUSEL", {}))),
        tuple(parts),
    )


def type_of(component: Component) -> str:
    return (text(component.get("type")) or "UNKNOWN").upper()


def _cards(carousel: Component) -> Iterator[Definition]:
    """Each card; a carousel that somebody put onto a card has no place there and is left out."""
    for card in items(carousel.get("cards")):
        yield read_definition([part for part in items(card.get("components")) if type_of(part) != "CAROUSEL"])

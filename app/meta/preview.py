"""What a template's customer sees: its words with the values put in, its header, buttons and cards."""

from dataclasses import dataclass

from app.meta.definition import MEDIA, Component, Definition, type_of
from app.meta.foreign import text
from app.meta.parameters import Values
from app.meta.placeholders import Pattern, clean, pattern_of


@dataclass(frozen=True, slots=True)
class RenderedButton:
    """A button as its customer sees it; `target` is the filled URL, the phone number or the coupon code."""

    type: str
    text: str
    target: str | None


@dataclass(frozen=True, slots=True)
class RenderedTemplate:
    """A template, or a card of its carousel, with its values put in.

    `header_format` is text, image, …, or None without a header; `header_media` the file's address or id;
    `header_detail` the name and address of a place, or a product's SKU. `offer` are a limited-time offer's words,
    `offer_expires` what was given as its end.
    """

    header_text: str | None
    body: str
    footer: str | None
    buttons: tuple[RenderedButton, ...]
    header_format: str | None = None
    header_media: str | None = None
    header_detail: str | None = None
    offer: str | None = None
    offer_expires: str | None = None
    cards: tuple["RenderedTemplate", ...] = ()


@dataclass(frozen=True, slots=True)
class _ButtonFace:
    """What shows on a button: fixed, but for the value in its target."""

    type: str
    text: str
    target: Pattern | None

    def fill(self, values: Values) -> RenderedButton:
        return RenderedButton(self.type, self.text, self.target.fill(values) if self.target else None)


@dataclass(frozen=True, slots=True)
class Face:
    """A definition taken apart once, to be shown with many customers' values."""

    prefix: str
    header_format: str | None
    header: Pattern | None
    body: Pattern
    footer: str | None
    offer: str | None
    buttons: tuple[_ButtonFace, ...]
    cards: tuple["Face", ...]

    def render(self, values: Values) -> RenderedTemplate:
        """The whole as the customer sees it; a missing value leaves its placeholder."""
        return RenderedTemplate(
            self.header.fill(values) if self.header else None,
            self.body.fill(values),
            self.footer,
            tuple(button.fill(values) for button in self.buttons),
            self.header_format,
            self._value(values, "header.media") if self.header_format in MEDIA else None,
            self._detail(values),
            self.offer,
            self._value(values, "limited_time_offer.expiration") if self.offer else None,
            tuple(card.render(values) for card in self.cards),
        )

    def _detail(self, values: Values) -> str | None:
        names = {"location": ("name", "address"), "product": ("product_retailer_id",)}.get(self.header_format or "", ())
        found = (self._value(values, f"header.{name}") for name in names)
        return ", ".join(filter(None, found)) or None

    def _value(self, values: Values, key: str) -> str | None:
        return clean(values.get(f"{self.prefix}{key}")) or None


def face_of(definition: Definition, prefix: str = "") -> Face:
    """The face of a template, or of a card whose keys begin with `prefix`."""
    words = text(definition.header.get("text"))
    return Face(
        prefix,
        definition.header_format,
        pattern_of(words, f"{prefix}header") if words and definition.header_format == "text" else None,
        pattern_of(text(definition.body.get("text")) or "", f"{prefix}body"),
        text(definition.footer.get("text")),
        text(definition.offer.get("text")),
        tuple(_button(f"{prefix}button.{index}", button) for index, button in enumerate(definition.buttons)),
        tuple(face_of(card, f"card.{index}.") for index, card in enumerate(definition.cards)),
    )


def _button(key: str, button: Component) -> _ButtonFace:
    kind = type_of(button)
    label = text(button.get("text")) or kind.replace("_", " ").capitalize()
    if kind == "COPY_CODE":
        return _ButtonFace(kind, label, pattern_of("{{code}}", key))
    target = text(button.get("url")) or text(button.get("phone_number"))
    return _ButtonFace(kind, label, pattern_of(target, key, f"{key}.1") if target else None)

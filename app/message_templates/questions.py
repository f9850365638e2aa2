"""What a template's variables ask of people: each by a name in plain words, with a hint, in the message's order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from app.message_templates.models import MessageTemplate
from app.meta.components import RenderedButton, RenderedTemplate, TemplateVariable, compile_template

PARTS = {"header": "Header", "body": "Text", "offer": "Offer", "button": "Buttons"}
CONTROLS = {
    **dict.fromkeys(("image", "video", "document"), "url"),
    **dict.fromkeys(("latitude", "longitude"), "number"),
    "expiration": "datetime-local",
}
LABELS = {
    "image": "Image",
    "video": "Video",
    "document": "Document",
    "filename": "Name of the document",
    "latitude": "Latitude of the place",
    "longitude": "Longitude of the place",
    "place_name": "Name of the place",
    "place_address": "Address of the place",
    "product": "Product",
    "catalog": "Catalog",
    "expiration": "Offer ends",
    "coupon_code": "Coupon code",
    "thumbnail": "Picture of",
    "sections": "Products behind",
    "payload": "Payload of",
    "url_suffix": "Link of",
}
HINTS = {
    "image": "The https address of a JPEG or PNG up to 5 MB, or the id of a file at Meta.",
    "video": "The https address of an MP4 or 3GP up to 16 MB, or the id of a file at Meta.",
    "document": "The https address of a PDF or Office file up to 100 MB, or the id of a file at Meta.",
    "filename": "As the customer sees it, such as Itinerary.pdf.",
    "latitude": "Degrees from -90 to 90, such as 15.4989.",
    "longitude": "Degrees from -180 to 180, such as 73.8278.",
    "product": "Its SKU in the catalog.",
    "catalog": "The catalog's id at Meta. All cards show products of the same.",
    "sections": "SKUs by section: Sweets: SKU1, SKU2; Boxes: SKU3. Up to 10 sections and 30 products.",
    "expiration": "The message counts down to it.",
    "coupon_code": "Up to 20 characters; a tap copies it.",
    "payload": "Comes back to us with the tap; nobody sees it. Left empty, the button's words come back.",
    "thumbnail": "The SKU of the product whose picture is shown. Left empty, it is the first one's.",
}
OF_A_BUTTON = ("thumbnail", "sections", "payload", "url_suffix")


@dataclass(frozen=True, slots=True)
class Question:
    """One value that is asked for.

    `label` says what for; `placeholder` is its "{{1}}" where it stands in a text, else empty. `control` is the
    kind of input: text, url, number or datetime-local. An optional one may stay empty.
    """

    variable: TemplateVariable
    label: str
    placeholder: str
    hint: str
    control: str
    is_optional: bool

    @property
    def key(self) -> str:
        """The key of its value."""
        return self.variable.key

    @property
    def group(self) -> str:
        """The part of the message it belongs to: "Text", "Card 2"."""
        card = self.variable.card
        return PARTS[self.variable.part] if card is None else f"Card {card + 1}"

    @property
    def place(self) -> str:
        """What the label needs before it, where it stands alone: "Card 2 · ", or nothing."""
        return f"{self.group} · " if self.variable.card is not None else ""


@dataclass(frozen=True, slots=True)
class Group:
    """The questions of one part of the message, or of one card."""

    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that is asked for: what must have a value, and what may."""

    wanted: tuple[Group, ...]
    optional: tuple[Group, ...]

    @property
    def questions(self) -> list[Question]:
        """Every question, the optional ones last."""
        return [question for group in (*self.wanted, *self.optional) for question in group.questions]


def sheet_of(template: MessageTemplate) -> Sheet:
    """What this template asks for."""
    compiled = compile_template(template.components, template.parameter_format)
    face, is_code = compiled.render({}), template.category == "AUTHENTICATION"
    wanted = [_question(variable, face, is_code, is_optional=False) for variable in compiled.variables]
    optional = [_question(variable, face, is_code, is_optional=True) for variable in compiled.options]
    return Sheet(_grouped(wanted), _grouped(optional))


def _grouped(questions: Iterable[Question]) -> tuple[Group, ...]:
    return tuple(Group(title, tuple(those)) for title, those in groupby(questions, key=lambda one: one.group))


def _question(variable: TemplateVariable, face: RenderedTemplate, is_code: bool, *, is_optional: bool) -> Question:
    kind = "thumbnail" if variable.name == "thumbnail" and variable.part == "button" else variable.kind
    button = _button(variable, face)
    label, hint = LABELS.get(kind, ""), HINTS.get(kind, "")
    if kind == "text":
        label = "One-time code" if is_code and variable.part == "body" else PARTS[variable.part]
    elif button and kind in OF_A_BUTTON:
        label = f"{label} “{button.text}”"
    if button and kind == "url_suffix":
        hint = f"What takes the place of {{{{1}}}} in {button.target}"
    placeholder = f"{{{{{variable.name}}}}}" if kind == "text" else ""
    return Question(variable, label, placeholder, hint, CONTROLS.get(kind, "text"), is_optional)


def _button(variable: TemplateVariable, face: RenderedTemplate) -> RenderedButton | None:
    """The button that the variable belongs to; further cards have the buttons of the last."""
    if variable.part != "button":
        return None
    where = face if variable.card is None else face.cards[min(variable.card, len(face.cards) - 1)]
    return where.buttons[int(variable.key.split(".")[-2])]

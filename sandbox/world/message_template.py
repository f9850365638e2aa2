"""A message template as Meta keeps it, and the shape a send has to fill."""

import re
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

PRIVATE = ("review_at", "edits", "sends", "blocks", "pauses", "resume_at")  # what only the simulation knows
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def variables_in(text: str) -> tuple[str, ...]:
    """The variables of a text: positional ones in the order of their numbers, named ones as they come."""
    found = dict.fromkeys(VARIABLE.findall(text))
    return tuple(sorted(found, key=lambda name: int(name) if name.isdigit() else 0))


def fill(text: str, values: dict[str, str]) -> str:
    """The text with its variables replaced; a variable without a value stays as it is."""
    return VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)


@dataclass(frozen=True)
class Button:
    """A button of a template; `kind` in Meta's upper-case word."""

    kind: str
    text: str
    url: str

    @property
    def takes_value(self) -> bool:
        """Whether a send must bring a value for it."""
        return self.kind in ("COPY_CODE", "MPM", "OTP") or bool(VARIABLE.search(self.url))


@dataclass(frozen=True)
class Shape:
    """What a template (or one card of its carousel) shows and wants."""

    header_format: str | None
    header: str
    body: str
    footer: str
    buttons: tuple[Button, ...]
    is_offer: bool
    offer_expires: bool
    cards: tuple["Shape", ...]

    @property
    def has_product_cards(self) -> bool:
        """Whether it is a carousel of products."""
        return bool(self.cards) and all(card.header_format == "PRODUCT" for card in self.cards)


def shape_of(components: list[dict[str, Any]]) -> Shape:
    """Read the components of a template; unknown ones are passed over."""
    by_type = {str(one.get("type", "")).upper(): one for one in components}
    header, body = by_type.get("HEADER", {}), by_type.get("BODY", {})
    cards = by_type.get("CAROUSEL", {}).get("cards", [])
    return Shape(
        header_format=str(header.get("format", "TEXT")).upper() if header else None,
        header=header.get("text", ""),
        body=body.get("text", ""),
        footer=by_type.get("FOOTER", {}).get("text", ""),
        buttons=tuple(map(_button, by_type.get("BUTTONS", {}).get("buttons", []))),
        is_offer="LIMITED_TIME_OFFER" in by_type,
        offer_expires=_offer_expires(by_type.get("LIMITED_TIME_OFFER", {})),
        cards=tuple(shape_of(card.get("components", [])) for card in cards),
    )


def _button(button: dict[str, Any]) -> Button:
    return Button(str(button.get("type", "")).upper(), button.get("text", ""), button.get("url", ""))


def _offer_expires(component: dict[str, Any]) -> bool:
    return bool(component.get("limited_time_offer", {}).get("has_expiration"))


@dataclass
class Template:
    """A message template. `review_at` is when a pending one will be decided (None: not by itself)."""

    id: str
    name: str
    language: str
    category: str
    components: list[dict[str, Any]]
    status: str = "PENDING"
    parameter_format: str = "POSITIONAL"
    quality_score: dict[str, Any] = field(default_factory=lambda: {"score": "UNKNOWN", "date": int(time.time())})
    rejected_reason: str = "NONE"
    sub_category: str | None = None
    previous_category: str | None = None
    correct_category: str | None = None
    message_send_ttl_seconds: int | None = None
    last_updated_time: str = "2026-10-01T06:30:00+0000"
    cta_url_link_tracking_opted_out: bool | None = None
    review_at: float | None = None
    edits: list[float] = field(default_factory=list)  # when it was edited while approved
    sends: int = 0  # since it was approved or paused last
    blocks: int = 0
    pauses: int = 0
    resume_at: float | None = None  # when a pause ends

    @property
    def key(self) -> tuple[str, str]:
        """Name and language, by which a send asks for it."""
        return self.name, self.language

    @property
    def is_named(self) -> bool:
        """Whether its variables have names rather than numbers."""
        return self.parameter_format == "NAMED"

    @cached_property
    def shape(self) -> Shape:
        """What it shows and wants."""
        return shape_of(self.components)

    def rewrite(self, components: list[dict[str, Any]]) -> None:
        """Give it other components."""
        self.components = components
        self.__dict__.pop("shape", None)

    def as_node(self) -> dict[str, Any]:
        """The fields of its Graph node; those without a value are left out as Meta does."""
        shown = self.as_json().items()
        return {name: value for name, value in shown if value is not None and name not in PRIVATE}

    def as_json(self) -> dict[str, Any]:
        """Everything about it, for the snapshot."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

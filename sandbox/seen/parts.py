"""The visible parts of a message, and what of them can be touched."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Tappable:
    """A button or a row of a list. `answer` is the message a tap sends, `{type, content}`; None where a tap
    only opens something: the `target` (a page, a call, a code to copy)."""

    title: str
    answer: tuple[str, dict[str, Any]] | None = None
    target: str = ""
    kind: str = "reply"
    description: str = ""

    @property
    def leads_out(self) -> bool:
        """Whether the target is an address a browser can open."""
        return self.target.startswith(("http://", "https://"))


@dataclass(frozen=True)
class Section:
    """A titled part of a list."""

    title: str
    rows: tuple[Tappable, ...]


@dataclass(frozen=True)
class Media:
    """A picture or file: of something uploaded (`id`) or somewhere else (`link`)."""

    kind: str
    id: str = ""
    link: str = ""
    name: str = ""


@dataclass(frozen=True)
class Product:
    """A product as its card shows it; the price in whole units of its currency."""

    catalog_id: str
    retailer_id: str
    name: str
    price: Decimal
    currency: str
    image: Media | None = None
    quantity: int = 1


@dataclass(frozen=True)
class Bill:
    """What an order_details message asks to be paid. `sums` are the labelled amounts under the items, the
    total last; `way` is payment_link, payment_gateway or upi."""

    reference_id: str
    currency: str
    items: tuple[tuple[str, int, Decimal], ...]
    sums: tuple[tuple[str, Decimal], ...]
    total: dict[str, Any]
    way: str
    uri: str = ""
    configuration: str = ""


@dataclass
class Seen:
    """A message, part by part, in the order WhatsApp shows them. `note` is a remark of WhatsApp itself."""

    header: str = ""
    media: Media | None = None
    body: str = ""
    footer: str = ""
    buttons: list[Tappable] = field(default_factory=list)
    list_title: str = ""
    sections: list[Section] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    shows_catalog: bool = False
    cards: list["Seen"] = field(default_factory=list)
    bill: Bill | None = None
    place: tuple[float, float] | None = None
    contacts: list[tuple[str, str]] = field(default_factory=list)  # name, number
    note: str = ""

    @property
    def touchables(self) -> list[Tappable]:
        """Everything that can be tapped, also in the list and on the cards; a tap names one by its place here."""
        return list(self._touchables())

    def _touchables(self) -> Iterator[Tappable]:
        yield from self.buttons
        for section in self.sections:
            yield from section.rows
        for card in self.cards:
            yield from card._touchables()

    @property
    def line(self) -> str:
        """The message in one line, for lists."""
        kind = self.media.kind if self.media else ""
        words = self.header or self.body or self.note or kind or (self.contacts[0][0] if self.contacts else "")
        return " ".join(words.split())

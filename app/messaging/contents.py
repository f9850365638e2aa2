"""What a message says, in words for people, whatever its type. What Meta sends is never trusted to have its shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from app.messaging.models import Direction, Message
from app.meta.foreign import integer, items, mapping, text

DEAREST = Decimal(10) ** 12  # no price in an order is higher
LINE = 90  # letters of a message that is quoted


@dataclass(frozen=True, slots=True)
class Item:
    """So many of a product in an order, and the price of one; None where it is none."""

    product: str
    quantity: int
    price: Decimal | None
    currency: str


@dataclass(frozen=True, slots=True)
class Content:
    """`label` says of what kind it is where its words alone do not; `words` are the customer's or our own."""

    words: str = ""
    label: str = ""
    icon: str = ""
    details: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()

    @property
    def totals(self) -> dict[str, Decimal]:
        """What the items cost together, by currency."""
        sums: dict[str, Decimal] = {}
        for item in self.items:
            if item.price is not None:
                sums[item.currency] = sums.get(item.currency, Decimal(0)) + item.quantity * item.price
        return sums

    @property
    def line(self) -> str:
        """All of it in one short line."""
        bought = ", ".join(f"{item.quantity} × {item.product}" for item in self.items)
        words = " ".join(": ".join(filter(None, (self.label, self.words or bought or ", ".join(self.details)))).split())
        return words if len(words) <= LINE else f"{words[: LINE - 1].rstrip()}…"


def content_of(message: Message) -> Content:
    """What `message` says by now: an edited one its new words, one taken back nothing."""
    if "revoked_at" in mapping(message.payload):
        return Content(label="The customer took this message back", icon="trash")
    if message.direction is Direction.OUT:
        return Content(message.body or "")
    raw = mapping(message.raw)
    content = _READERS.get(message.type, _unknown)(message, raw.get(message.type))
    return Content(
        content.words, content.label, content.icon, content.details + tuple(_circumstances(raw)), content.items
    )


def _circumstances(raw: object) -> Iterator[str]:
    context, referral = mapping(mapping(raw).get("context")), mapping(mapping(raw).get("referral"))
    if product := text(mapping(context.get("referred_product")).get("product_retailer_id")):
        yield f"About the product {product}"
    if context.get("forwarded") or context.get("frequently_forwarded"):
        yield "Forwarded"
    if referral:
        yield f"Came by an ad: {text(referral.get('headline')) or text(referral.get('source_url')) or 'unnamed'}"


def _text(message: Message, part: object) -> Content:
    return Content(message.body or "")


def _media(label: str, icon: str) -> Callable[[Message, object], Content]:
    def read(message: Message, part: object) -> Content:
        return Content(message.body or "", label, icon)

    return read


def _audio(message: Message, part: object) -> Content:
    return Content("", "Voice note" if mapping(part).get("voice") else "Sound", "player-play")


def _document(message: Message, part: object) -> Content:
    name = text(mapping(part).get("filename")) or ""
    return Content("" if message.body == name else message.body or "", "Document", "file-text", (name,) if name else ())


def _location(message: Message, part: object) -> Content:
    place = mapping(part)
    name, address = text(place.get("name")), text(place.get("address"))
    where = f"{place.get('latitude')}, {place.get('longitude')}"
    return Content(name or "", "Location", "map-pin", tuple(filter(None, (address, where))))


def _contacts(message: Message, part: object) -> Content:
    return Content("", "Contacts", "address-book", tuple(map(_card, items(part))))


def _card(card: object) -> str:
    name = text(mapping(mapping(card).get("name")).get("formatted_name")) or "No name"
    numbers = (text(phone.get("phone")) for phone in items(mapping(card).get("phones")))
    return ", ".join(filter(None, (name, *numbers)))


def _tapped(words: str | None) -> Content:
    return Content("", f"Tapped “{words}”" if words else "Tapped a button", "click")


def _button(message: Message, part: object) -> Content:
    return _tapped(message.body)


def _interactive(message: Message, part: object) -> Content:
    answer = mapping(part)
    if "nfm_reply" in answer:
        return Content("", "Filled in a form", "list-check")
    if "call_permission_reply" in answer:
        said = text(mapping(answer["call_permission_reply"]).get("response"))
        return Content("", f"Whether we may call: {said or 'unknown'}", "phone")
    described = text(mapping(answer.get("list_reply")).get("description"))
    tapped = _tapped(message.body)
    return Content("", tapped.label, tapped.icon, (described,) if described else ())


def _order(message: Message, part: object) -> Content:
    wanted = tuple(map(_item, items(mapping(part).get("product_items"))))
    return Content(message.body or "", "Order", "shopping-cart", items=wanted)


def _item(item: object) -> Item:
    wish = mapping(item)
    return Item(
        text(wish.get("product_retailer_id")) or "unnamed",
        integer(wish.get("quantity")) or 0,
        _price(wish.get("item_price")),
        text(wish.get("currency")) or "",
    )


def _price(value: object) -> Decimal | None:
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        return None
    return price if price.is_finite() and 0 <= price < DEAREST else None


def _reaction(message: Message, part: object) -> Content:
    return Content("", f"Reacted with {message.body}" if message.body else "Took a reaction back")


def _system(message: Message, part: object) -> Content:
    news = mapping(part)
    if news.get("type") == "user_changed_number":
        new = text(news.get("wa_id"))
        return Content("", f"Changed their number to +{new}" if new else "Changed their number")
    if news.get("type") == "user_changed_user_id":
        return Content("", "Has another WhatsApp id now")
    return Content("", message.body or "WhatsApp says something about this customer")


def _edit(message: Message, part: object) -> Content:
    return Content("", f"Changed a message to “{message.body}”" if message.body else "Changed a message")


def _choice(message: Message, part: object) -> Content:
    return Content("", _CHOICES.get(message.body or "", f"Chose “{message.body}” in WhatsApp’s settings"))


def _note(words: str) -> Callable[[Message, object], Content]:
    def read(message: Message, part: object) -> Content:
        return Content("", words)

    return read


def _unsupported(message: Message, part: object) -> Content:
    kind = text(mapping(part).get("type"))
    told = (text(error.get("title")) for error in items(mapping(message.raw).get("errors")))
    details = tuple(filter(None, (kind and f"Kind: {kind}", *told)))
    return Content("", "Something that WhatsApp does not pass on to businesses", "alert-circle", details)


def _unknown(message: Message, part: object) -> Content:
    return Content(message.body or "", f"A message of the kind “{message.type}”", "alert-circle")


_CHOICES = {
    "stop": "Stopped marketing messages in WhatsApp’s settings",
    "resume": "Wants marketing messages again, in WhatsApp’s settings",
    "signup": "Signed up for marketing messages in WhatsApp",
}
_READERS: dict[str, Callable[[Message, object], Content]] = {
    "text": _text,
    "image": _media("Photo", "photo"),
    "video": _media("Video", "video"),
    "sticker": _media("Sticker", "photo"),
    "audio": _audio,
    "document": _document,
    "location": _location,
    "contacts": _contacts,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
    "reaction": _reaction,
    "system": _system,
    "edit": _edit,
    "revoke": _note("Took a message back"),
    "link_click": _note("Opened a link"),
    "preference": _choice,
    "request_welcome": _note("Opened the conversation for the first time"),
    "unsupported": _unsupported,
}

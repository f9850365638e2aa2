"""The content of what a customer writes: checked, and completed where a shorthand was given."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.inbound.writing import BadInbound
from sandbox.samples import files
from sandbox.seen.messages import see
from sandbox.seen.shelf import catalog_of, product_of
from sandbox.stage import Stage
from sandbox.world.facts import Customer, Incoming, Outgoing

MEDIA = ("image", "video", "audio", "document", "sticker")
SAMPLE_PLACE = {
    "latitude": 18.922,
    "longitude": 72.8347,
    "name": "Gateway of India",
    "address": "Apollo Bandar, Colaba, Mumbai",
}
UNREADABLE = {
    "code": 131051,
    "title": "Message type unknown",
    "message": "Message type unknown",
    "error_data": {"details": "Message type is currently not supported."},
}


def complete(kind: str, given: Any, customer: Customer, stage: Stage) -> Any:
    """The content of a message of that type as Meta's `messages[]` bring it. Raises BadInbound."""
    if kind in MEDIA:
        return _media(kind, given, stage)
    return _COMPLETIONS[kind](given, customer, stage)


def _text(given: Any, customer: Customer, stage: Stage) -> dict[str, Any]:
    content = {"body": given} if isinstance(given, str) else given
    if not isinstance(content, dict) or not isinstance(content.get("body"), str) or not content["body"]:
        raise BadInbound("`text.body` must be a text that is not empty.")
    return content


def _media(kind: str, given: Any, stage: Stage) -> dict[str, Any]:
    """A sample where no media id is named."""
    content = {"caption": given} if isinstance(given, str) else given or {}
    if not isinstance(content, dict):
        raise BadInbound(f"`{kind}` must be an object such as {{}} or {{'caption': 'Look'}}; it may name a media `id`.")
    if content.get("id"):
        return files.described(str(content["id"]), stage) | content
    sample = "voice" if kind == "audio" and content.get("voice") else kind
    extras: dict[str, Any] = {"filename": "document.pdf"} if kind == "document" else {}
    extras |= {"voice": sample == "voice"} if kind == "audio" else {}
    extras |= {"animated": False} if kind == "sticker" else {}
    return files.keep(sample, stage) | extras | content


def _location(given: Any, customer: Customer, stage: Stage) -> dict[str, Any]:
    content = given or SAMPLE_PLACE
    if not isinstance(content, dict):
        raise BadInbound("`location` must be an object with `latitude` and `longitude`.")
    for name in ("latitude", "longitude"):
        if isinstance(content.get(name), bool) or not isinstance(content.get(name), int | float):
            raise BadInbound(f"`location.{name}` must be a number.")
    return content


def _contacts(given: Any, customer: Customer, stage: Stage) -> list[dict[str, Any]]:
    """A contact may be given as `{name, phone}`."""
    cards = given if isinstance(given, list) else [given or {"name": "Travel desk", "phone": "+912269001234"}]
    return [_card(one) for one in cards]


def _card(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict) or not given.get("name"):
        raise BadInbound("Each of `contacts` must be an object with a `name`.")
    if isinstance(given["name"], dict):
        return given
    name, phone = str(given["name"]), str(given.get("phone") or "")
    phones = [{"phone": phone, "wa_id": "".join(filter(str.isdigit, phone)), "type": "CELL"}] if phone else []
    return {"name": {"formatted_name": name, "first_name": name.split()[0]}, "phones": phones}


def _reaction(given: Any, customer: Customer, stage: Stage) -> dict[str, Any]:
    """A bare emoji is meant for the last message the customer got; none or an empty one takes it back."""
    content = {"emoji": given} if isinstance(given, str) else given
    if not isinstance(content, dict):
        raise BadInbound("`reaction` must be an emoji or an object with `message_id` and `emoji`.")
    message_id = content.get("message_id") or latest(customer).id
    return {"message_id": message_id} | ({"emoji": content["emoji"]} if content.get("emoji") else {})


def _button(given: Any, customer: Customer, stage: Stage) -> dict[str, Any]:
    content = {"text": given} if isinstance(given, str) else given
    if not isinstance(content, dict) or not content.get("text"):
        raise BadInbound("`button` must bring its `text`, and usually the `payload` the send gave it.")
    return {"payload": content["text"]} | content


def _interactive(given: Any, customer: Customer, stage: Stage) -> dict[str, Any]:
    content = given if isinstance(given, dict) else {}
    kinds = [kind for kind in ("button_reply", "list_reply", "nfm_reply", "call_permission_reply") if content.get(kind)]
    if len(kinds) != 1 or not isinstance(content[kinds[0]], dict):
        raise BadInbound("`interactive` must bring one of button_reply, list_reply or nfm_reply, as an object.")
    return {"type": kinds[0]} | content


def _order(given: Any, customer: Customer, stage: Stage) -> dict[str, Any]:
    """Items may name a retailer id alone: the quantity is 1 then, the price that of the sandbox's catalog."""
    content = given if isinstance(given, dict) else {}
    items = content.get("product_items")
    if not isinstance(items, list) or not items or not all(isinstance(one, dict) for one in items):
        raise BadInbound("`order.product_items` must be a list of objects, each with its `product_retailer_id`.")
    catalog_id = str(content.get("catalog_id") or catalog_of(stage.world))
    complete_items = [_item(one, catalog_id, stage) for one in items]
    return {"catalog_id": catalog_id, "text": str(content.get("text") or ""), "product_items": complete_items}


def _item(given: dict[str, Any], catalog_id: str, stage: Stage) -> dict[str, Any]:
    if not given.get("product_retailer_id"):
        raise BadInbound("Each of `order.product_items` must name its `product_retailer_id`.")
    quantity = given.get("quantity", 1)
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
        raise BadInbound("`quantity` must be a whole number, 1 or more.")
    product = product_of(catalog_id, str(given["product_retailer_id"]), stage.world)
    usual = {"quantity": quantity, "item_price": as_number(product.price), "currency": product.currency}
    return usual | given


def as_number(price: Decimal) -> int | float:
    """A price as Meta writes it: a JSON number in whole units."""
    try:
        return int(price) if price == int(price) else float(price)
    except (InvalidOperation, OverflowError):
        return 0


def _edit(given: Any, customer: Customer, stage: Stage) -> dict[str, Any]:
    """A bare text is the new wording of the customer's last text."""
    content = {"body": given} if isinstance(given, str) else given
    if not isinstance(content, dict) or not (content.get("body") or isinstance(content.get("message"), dict)):
        raise BadInbound("`edit` must bring the new `body`, or a `message` as Meta writes it.")
    original = content.get("original_message_id") or _own(customer).id
    changed = content.get("message") or {"type": "text", "text": {"body": str(content.get("body"))}}
    return {"original_message_id": original, "message": changed}


def _revoke(given: Any, customer: Customer, stage: Stage) -> dict[str, Any]:
    content = {"original_message_id": given} if isinstance(given, str) else given or {}
    if not isinstance(content, dict):
        raise BadInbound("`revoke` must be an object with `original_message_id`.")
    return {"original_message_id": content.get("original_message_id") or _own(customer).id}


def _unsupported(given: Any, customer: Customer, stage: Stage) -> dict[str, Any]:
    return given if isinstance(given, dict) else {"type": str(given or "unknown")}


def latest(customer: Customer) -> Outgoing:
    """The last message the customer got. Raises BadInbound when there is none."""
    for entry in reversed(customer.entries):
        if isinstance(entry, Outgoing) and entry.kind != "reaction":
            return entry
    raise BadInbound("This customer got no message yet that this could be about.")


def _own(customer: Customer) -> Incoming:
    for entry in reversed(customer.entries):
        if isinstance(entry, Incoming) and entry.body["type"] in ("text", *MEDIA):
            return entry
    raise BadInbound("This customer wrote no message yet that this could be about.")


def touchable(customer: Customer, title: str, stage: Stage) -> tuple[Outgoing, tuple[str, dict[str, Any]]]:
    """The latest message with a button or row of that title, and what tapping it sends. Raises BadInbound."""
    for entry in reversed(customer.entries):
        if not isinstance(entry, Outgoing):
            continue
        for one in see(stage.store.payload_of(entry), stage.world).touchables:
            if one.answer and one.title == title:
                return entry, one.answer
    raise BadInbound(f"No message to this customer has a button or list row {title!r}.")


_COMPLETIONS: dict[str, Callable[[Any, Customer, Stage], Any]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
    "edit": _edit,
    "revoke": _revoke,
    "unsupported": _unsupported,
}
TYPES = (*MEDIA, *_COMPLETIONS)

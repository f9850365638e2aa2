"""Whether an interactive message keeps the rules of its type."""

from collections.abc import Callable
from typing import Any

from sandbox.errors import invalid, missing
from sandbox.validation.media import check_media
from sandbox.validation.orders import check_details, check_status
from sandbox.validation.products import check_product, check_sections, sectioned, shown_catalog
from sandbox.validation.words import Content, check_list, check_object, check_text
from sandbox.world.world import World

LONGEST_BODY, LONGEST_LIST_BODY = 1024, 4096
LONGEST_HEADER = LONGEST_FOOTER = 60
MOST_BUTTONS, MOST_ROWS = 3, 10
HEADERS = ("text", "image", "video", "document")
TEXT_ONLY = ("list", "product_list")
# Types that exist at Meta and of which only the common parts are checked here.
OTHERS = (
    "flow", "location_request_message", "address_message", "carousel", "request_contact_info",
    "call_permission_request", "voice_call",
)  # fmt: skip


def check_interactive(kind: str, content: Content, world: World) -> None:
    """Refuse an interactive message that Meta would refuse."""
    form = str(content.get("type", ""))
    if form not in _ACTIONS and form not in OTHERS:
        raise invalid(f"interactive['type'] must be one of {', '.join((*_ACTIONS, *OTHERS))}")
    for part in ("header", "body", "footer"):
        if not isinstance(content.get(part, {}), dict):
            raise invalid(f"interactive['{part}'] must be an object")
    action = check_object("interactive['action']", content.get("action"))
    _check_header(form, content.get("header"), world)
    if form != "product" or "body" in content:
        longest = LONGEST_LIST_BODY if form == "list" else LONGEST_BODY
        check_text("interactive['body']['text']", content.get("body", {}).get("text"), longest)
    if "footer" in content:
        check_text("interactive['footer']['text']", content["footer"].get("text"), LONGEST_FOOTER)
    if form in _ACTIONS:
        _ACTIONS[form](action, world)


def _check_header(form: str, header: Content | None, world: World) -> None:
    if header is None:
        if form == "product_list":
            raise missing("interactive['header']")
        return
    kind = str(header.get("type", ""))
    if form in ("product", "catalog_message") or kind not in (("text",) if form in TEXT_ONLY else HEADERS):
        raise invalid(f"interactive['header'] of type {kind!r} is not allowed for {form}")
    if kind == "text":
        check_text("interactive['header']['text']", header.get("text"), LONGEST_HEADER)
    else:
        check_media(kind, header.get(kind), world)


def _buttons(action: Content, world: World) -> None:
    replies = [
        check_object("reply", button.get("reply"))
        for button in check_list("interactive['action']['buttons']", action.get("buttons"), MOST_BUTTONS)
    ]
    for reply in replies:
        check_text("reply['id']", reply.get("id"), 256)
        check_text("reply['title']", reply.get("title"), 20)
    _check_unlike("buttons", replies)


def _list(action: Content, world: World) -> None:
    check_text("interactive['action']['button']", action.get("button"), 20)
    rows = sectioned(action, "rows", MOST_ROWS)
    for row in rows:
        check_text("row['id']", row.get("id"), 200)
        check_text("row['title']", row.get("title"), 24)
        if row.get("description"):
            check_text("row['description']", row["description"], 72)
    _check_unlike("rows", rows)


def _check_unlike(what: str, answers: list[Content]) -> None:
    ids = [one["id"] for one in answers]
    if len(set(ids)) < len(ids):
        raise invalid(f"The ids of {what} must differ")


def _link(action: Content, world: World) -> None:
    if action.get("name") != "cta_url":
        raise invalid("action['name'] must be cta_url")
    parameters = check_object("interactive['action']['parameters']", action.get("parameters"))
    check_text("parameters['display_text']", parameters.get("display_text"), 20)
    url = check_text("parameters['url']", parameters.get("url"), 2000)
    if not url.startswith(("http://", "https://")):
        raise invalid("parameters['url'] must begin with http:// or https://")


def _product(action: Content, world: World) -> None:
    check_product(action.get("product_retailer_id"), action.get("catalog_id"), world)


def _products(action: Content, world: World) -> None:
    check_sections(action, action.get("catalog_id"), world)


def _catalog(action: Content, world: World) -> None:
    if action.get("name") != "catalog_message":
        raise invalid("action['name'] must be catalog_message")
    thumbnail = (action.get("parameters") or {}).get("thumbnail_product_retailer_id")
    catalog = shown_catalog(world)
    if thumbnail:
        check_product(thumbnail, catalog.id, world)


_ACTIONS: dict[str, Callable[[Content, World], Any]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _link,
    "product": _product,
    "product_list": _products,
    "catalog_message": _catalog,
    "order_details": check_details,
    "order_status": check_status,
}

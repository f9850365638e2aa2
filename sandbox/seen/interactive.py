"""Interactive messages: buttons, lists, links, products, bills; and customers' answers to them."""

from typing import Any

from sandbox.seen.bills import bill_of, order_status
from sandbox.seen.parts import Media, Section, Seen, Tappable
from sandbox.seen.shelf import products_in
from sandbox.world.world import World

PICTURES = ("image", "video", "document")


def see_interactive(content: dict[str, Any], world: World) -> Seen:
    """What an interactive message shows, sent or received."""
    form = str(content.get("type"))
    if isinstance(reply := content.get(form), dict):  # a customer's answer
        words = reply.get("title") or reply.get("body") or form
        return Seen(body=str(words), footer=str(reply.get("description") or ""))
    action = content.get("action") or {}
    seen = Seen(
        header=_text(content.get("header")),
        media=_media(content.get("header") or {}),
        body=_text(content.get("body")),
        footer=_text(content.get("footer")),
        buttons=_buttons(action),
        list_title=str(action.get("button") or ""),
        sections=[_section(one) for one in action.get("sections") or [] if one.get("rows")],
        products=list(products_in(action, world)),
        shows_catalog=form == "catalog_message",
    )
    if form == "order_details":
        seen.bill = bill_of(action.get("parameters") or {})
    if form == "order_status":
        seen.note = order_status(action.get("parameters") or {})
    return seen


def _text(part: Any) -> str:
    return str(part.get("text") or "") if isinstance(part, dict) else ""


def _media(header: dict[str, Any]) -> Media | None:
    kind = str(header.get("type"))
    content = header.get(kind)
    if kind not in PICTURES or not isinstance(content, dict):
        return None
    name = str(content.get("filename") or "")
    return Media(kind, str(content.get("id") or ""), str(content.get("link") or ""), name)


def _buttons(action: dict[str, Any]) -> list[Tappable]:
    replies = [button["reply"] for button in action.get("buttons") or [] if isinstance(button.get("reply"), dict)]
    buttons = [_tappable("button_reply", one) for one in replies]
    parameters = action.get("parameters") or {}
    if action.get("name") == "cta_url":
        target = str(parameters.get("url"))
        buttons.append(Tappable(str(parameters.get("display_text")), target=target, kind="url"))
    if action.get("name") == "flow":
        answer = {"name": "flow", "body": "Sent", "response_json": "{}"}
        title = str(parameters.get("flow_cta") or "Open")
        buttons.append(Tappable(title, ("interactive", {"type": "nfm_reply", "nfm_reply": answer}), kind="flow"))
    return buttons


def _section(section: dict[str, Any]) -> Section:
    return Section(str(section.get("title") or ""), tuple(_tappable("list_reply", row) for row in section["rows"]))


def _tappable(kind: str, chosen: dict[str, Any]) -> Tappable:
    answer = {name: chosen[name] for name in ("id", "title", "description") if chosen.get(name)}
    description = str(chosen.get("description") or "")
    return Tappable(str(chosen.get("title")), ("interactive", {"type": kind, kind: answer}), description=description)

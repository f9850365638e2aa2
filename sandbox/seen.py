"""A message as its customer sees it: the words, and what can be touched."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.world.message_template import Template, fill, variables_in

MEDIA = ("image", "video", "document", "audio", "sticker")


@dataclass(frozen=True)
class Tappable:
    """A button. `answer` is the message a tap sends, `{type, content}`; None where a tap only opens
    something (a page, a call)."""

    title: str
    answer: tuple[str, dict[str, Any]] | None = None
    target: str = ""


@dataclass
class Seen:
    """The visible parts of a message; `media` is the kind of picture or file above the text."""

    header: str = ""
    media: str = ""
    body: str = ""
    footer: str = ""
    buttons: list[Tappable] = field(default_factory=list)
    products: list[tuple[str, str]] = field(default_factory=list)  # catalog id, retailer id

    @property
    def line(self) -> str:
        """The message in one line, for lists."""
        return " ".join((self.header or self.body or self.media).split())


def see(payload: dict[str, Any], template: Template | None) -> Seen:
    """What a message shows. Meant for payloads in Meta's shape, sent or received; never fails on others."""
    kind = str(payload.get("type") or "text")
    content = payload.get(kind)
    if kind == "template":
        return _see_template(payload["template"], template)
    if not isinstance(content, dict):
        return Seen(body=f"[{kind}]")
    if kind == "interactive":
        return _see_interactive(content)
    return _see_plain(kind, content)


def _see_plain(kind: str, content: dict[str, Any]) -> Seen:
    if kind in MEDIA:
        return Seen(media=kind, body=str(content.get("caption") or content.get("filename") or ""))
    if kind == "order":
        items = content.get("product_items", [])
        wishes = (f"{item.get('quantity')} × {item.get('product_retailer_id')}" for item in items)
        return Seen(header="Order", body="\n".join(wishes), footer=str(content.get("text") or ""))
    words = content.get("body") or content.get("text") or content.get("emoji") or content.get("name")
    return Seen(body=str(words or f"[{kind}]"))


def _see_template(sent: dict[str, Any], template: Template | None) -> Seen:
    if template is None:
        return Seen(body=f"[template {sent.get('name')}, since deleted]")
    shape = template.shape
    parts = {str(part.get("type")).lower(): part for part in sent.get("components") or []}
    header = shape.header_format or ""
    return Seen(
        header=fill(shape.header, _values(shape.header, parts.get("header"))),
        media="" if header == "TEXT" else header.lower(),
        body=fill(shape.body, _values(shape.body, parts.get("body"))),
        footer=shape.footer,
        buttons=_template_buttons(template, sent),
    )


def _values(text: str, part: dict[str, Any] | None) -> dict[str, str]:
    given = (part or {}).get("parameters") or []
    in_order = zip(variables_in(text), given, strict=False)
    return {str(one.get("parameter_name") or name): word_of(one) for name, one in in_order}


def word_of(parameter: dict[str, Any]) -> str:
    """The text a template parameter puts in the place of its variable."""
    kind = str(parameter.get("type")).lower()
    if kind == "text":
        return str(parameter.get("text") or "")
    content = parameter.get(kind)
    return str(content.get("fallback_value") or "") if isinstance(content, dict) else ""


def _template_buttons(template: Template, sent: dict[str, Any]) -> list[Tappable]:
    given = {
        str(part.get("index")): (part.get("parameters") or [{}])[0]
        for part in sent.get("components") or []
        if str(part.get("type")).lower() == "button"
    }
    buttons = []
    for index, button in enumerate(template.shape.buttons):
        parameter = given.get(str(index), {})
        if button.kind == "QUICK_REPLY":
            answer = {"payload": parameter.get("payload") or button.text, "text": button.text}
            buttons.append(Tappable(button.text, ("button", answer)))
        else:
            target = fill(button.url, {"1": str(parameter.get("text") or "")})
            buttons.append(Tappable(button.text or "Copy code", target=target))
    return buttons


def _see_interactive(content: dict[str, Any]) -> Seen:
    if isinstance(reply := content.get(str(content.get("type"))), dict):  # a customer's answer
        return Seen(body=str(reply.get("title") or reply.get("body") or ""))
    action = content.get("action") or {}
    header = content.get("header") or {}
    return Seen(
        header=str(header.get("text") or ""),
        media=str(header.get("type")) if header.get("type") in MEDIA else "",
        body=str((content.get("body") or {}).get("text") or ""),
        footer=str((content.get("footer") or {}).get("text") or ""),
        buttons=_interactive_buttons(action),
        products=_products(action),
    )


def _interactive_buttons(action: dict[str, Any]) -> list[Tappable]:
    replies = [button["reply"] for button in action.get("buttons") or []]
    rows = [row for section in action.get("sections") or [] for row in section.get("rows") or []]
    buttons = [Tappable(one["title"], ("interactive", _answer("button_reply", one))) for one in replies]
    buttons += [Tappable(one["title"], ("interactive", _answer("list_reply", one))) for one in rows]
    if action.get("name") == "cta_url":
        parameters = action.get("parameters") or {}
        buttons.append(Tappable(str(parameters.get("display_text")), target=str(parameters.get("url"))))
    return buttons


def _answer(kind: str, chosen: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, kind: chosen}


def _products(action: dict[str, Any]) -> list[tuple[str, str]]:
    catalog = str(action.get("catalog_id") or "")
    items = [item for section in action.get("sections") or [] for item in section.get("product_items") or []]
    items += [action] if action.get("product_retailer_id") else []
    return [(catalog, str(item.get("product_retailer_id"))) for item in items]

"""Whether a message without a template has what its type needs."""

from collections.abc import Callable
from typing import Any

from sandbox.errors import GraphError, invalid, missing
from sandbox.validation.template_send import check_media
from sandbox.world.world import World

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_FOOTER = 60
MOST_BUTTONS = 3
MOST_SECTIONS = 10
MOST_ROWS = 10
MOST_PRODUCTS = 30

Content = dict[str, Any]
Check = Callable[[str, Any, World], None]  # kind, content, world


def check_free_form(kind: str, body: dict[str, Any], world: World) -> None:
    """Refuse a message whose content is not what its type needs."""
    check = _CHECKS.get(kind)
    if check is None:
        known = ", ".join(sorted(_CHECKS)).upper()
        raise GraphError(100, f"Param type must be one of {{{known}, TEMPLATE}} - got {kind!r}.")
    content = body.get(kind)
    if not isinstance(content, list if kind == "contacts" else dict) or not content:
        raise missing(kind)
    check(kind, content, world)


def _text(kind: str, content: Content, world: World) -> None:
    _words("text['body']", content.get("body"), LONGEST_TEXT)


def _media(kind: str, content: Content, world: World) -> None:
    check_media(kind, content, world)
    caption = content.get("caption")
    if caption is not None and kind in ("audio", "sticker"):
        raise GraphError(100, f"Unexpected key 'caption' on param '{kind}'.")
    if caption is not None:
        _words(f"{kind}['caption']", caption, LONGEST_CAPTION)


def _location(kind: str, content: Content, world: World) -> None:
    for name in ("latitude", "longitude"):
        if content.get(name) is None:
            raise missing(f"location['{name}']")


def _reaction(kind: str, content: Content, world: World) -> None:
    if not content.get("message_id"):
        raise missing("reaction['message_id']")


def _contacts(kind: str, content: Any, world: World) -> None:
    if not all(isinstance(one, dict) and one.get("name") for one in content):
        raise missing("contacts['name']")


def _interactive(kind: str, content: Content, world: World) -> None:
    form = str(content.get("type", ""))
    action = _action(content)
    if form != "product":
        longest = LONGEST_TEXT if form == "list" else LONGEST_CAPTION
        _words("interactive['body']['text']", content.get("body", {}).get("text"), longest)
    if "footer" in content:
        _words("interactive['footer']['text']", content["footer"].get("text"), LONGEST_FOOTER)
    if form in _ACTIONS:
        _ACTIONS[form](action)


def _action(content: Content) -> Content:
    """The action, once every part is known to be of its kind."""
    action = content.get("action")
    if not isinstance(action, dict):
        raise missing("interactive['action']")
    for part in ("header", "body", "footer"):
        if not isinstance(content.get(part, {}), dict):
            raise invalid(f"interactive['{part}'] must be an object")
    for part in ("sections", "buttons"):
        if part in action:
            _counted(f"interactive['action']['{part}']", action[part], MOST_SECTIONS)
    return action


def _buttons(action: Content) -> None:
    buttons = _counted("interactive['action']['buttons']", action.get("buttons"), MOST_BUTTONS)
    for button in buttons:
        reply = button.get("reply") if isinstance(button, dict) else None
        if not isinstance(reply, dict):
            raise missing("reply")
        _words("reply['id']", reply.get("id"), 256)
        _words("reply['title']", reply.get("title"), 20)


def _list(action: Content) -> None:
    _words("interactive['action']['button']", action.get("button"), 20)
    rows = _in_sections(action, "rows", MOST_ROWS)
    for row in rows:
        _words("row['id']", row.get("id"), 200)
        _words("row['title']", row.get("title"), 24)
        if row.get("description"):
            _words("row['description']", row["description"], 72)


def _link(action: Content) -> None:
    parameters = action.get("parameters")
    if not isinstance(parameters, dict):
        raise missing("interactive['action']['parameters']")
    _words("parameters['display_text']", parameters.get("display_text"), 20)
    _words("parameters['url']", parameters.get("url"), 2000)


def _products(action: Content) -> None:
    if not action.get("catalog_id"):
        raise missing("interactive['action']['catalog_id']")
    _in_sections(action, "product_items", MOST_PRODUCTS)


def _in_sections(action: Content, items: str, most: int) -> list[Content]:
    sections = _counted("interactive['action']['sections']", action.get("sections"), MOST_SECTIONS)
    found = [item for section in sections for item in _counted(f"section['{items}']", section.get(items), most)]
    return _counted(f"sections['{items}']", found, most)


def _counted(parameter: str, value: Any, most: int) -> list[Content]:
    if not isinstance(value, list) or not value:
        raise missing(parameter)
    if len(value) > most:
        raise invalid(f"{parameter} may hold at most {most}, not {len(value)}")
    if not all(isinstance(one, dict) for one in value):
        raise invalid(f"{parameter} must hold objects")
    return value


def _words(parameter: str, value: Any, longest: int) -> None:
    if not isinstance(value, str) or not value:
        raise missing(parameter)
    if len(value) > longest:
        raise invalid(f"Param {parameter} must be at most {longest} characters long.")


_CHECKS: dict[str, Check] = {
    "text": _text,
    "location": _location,
    "reaction": _reaction,
    "contacts": _contacts,
    "interactive": _interactive,
    "image": _media,
    "video": _media,
    "document": _media,
    "audio": _media,
    "sticker": _media,
}

_ACTIONS: dict[str, Callable[[Content], None]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _link,
    "product_list": _products,
}

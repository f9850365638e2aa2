"""Whether a message without a template has what its type needs."""

from collections.abc import Callable
from typing import Any

from sandbox.errors import GraphError, invalid, missing
from sandbox.validation.interactive import check_interactive
from sandbox.validation.media import check_media
from sandbox.validation.words import Content, check_list, check_text
from sandbox.world.world import World

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_FILENAME = 240
MOST_CONTACTS = 257

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
    check_text("text['body']", content.get("body"), LONGEST_TEXT)


def _media(kind: str, content: Content, world: World) -> None:
    check_media(kind, content, world)
    for name, kinds, longest in (
        ("caption", ("image", "video", "document"), LONGEST_CAPTION),
        ("filename", ("document",), LONGEST_FILENAME),
    ):
        if content.get(name) is None:
            continue
        if kind not in kinds:
            raise GraphError(100, f"Unexpected key '{name}' on param '{kind}'.")
        check_text(f"{kind}['{name}']", content[name], longest)


def _location(kind: str, content: Content, world: World) -> None:
    check_place("location", content)


def check_place(parameter: str, content: Content) -> None:
    """Latitude and longitude within the globe."""
    for name, most in (("latitude", 90), ("longitude", 180)):
        if content.get(name) is None:
            raise missing(f"{parameter}['{name}']")
        try:
            is_on_globe = -most <= float(content[name]) <= most
        except (TypeError, ValueError):
            is_on_globe = False
        if not is_on_globe:
            raise invalid(f"Param {parameter}['{name}'] must be a number between -{most} and {most}.")


def _reaction(kind: str, content: Content, world: World) -> None:
    if not content.get("message_id"):
        raise missing("reaction['message_id']")
    if not isinstance(content.get("emoji", ""), str):
        raise invalid("Param reaction['emoji'] must be a string.")


def _contacts(kind: str, content: Any, world: World) -> None:
    for contact in check_list("contacts", content, MOST_CONTACTS):
        name = contact.get("name")
        if not isinstance(name, dict) or not name.get("formatted_name"):
            raise missing("contacts['name']['formatted_name']")


_CHECKS: dict[str, Check] = {
    "text": _text,
    "location": _location,
    "reaction": _reaction,
    "contacts": _contacts,
    "interactive": check_interactive,
    "image": _media,
    "video": _media,
    "document": _media,
    "audio": _media,
    "sticker": _media,
}

"""Any message, as its customer sees it."""

from typing import Any

from sandbox.seen.interactive import see_interactive
from sandbox.seen.parts import Media, Seen
from sandbox.seen.shelf import product_of
from sandbox.seen.templates import see_template
from sandbox.world.world import World

MEDIA = ("image", "video", "document", "audio", "sticker")


def see(payload: dict[str, Any], world: World) -> Seen:
    """What a message shows. Meant for payloads in Meta's shape, sent or received; never fails on others."""
    kind = str(payload.get("type") or "text")
    content = payload.get(kind)
    if kind == "template" and isinstance(content, dict):
        return see_template(content, world)
    if kind == "contacts" and isinstance(content, list):
        return Seen(contacts=[_contact(one) for one in content if isinstance(one, dict)])
    if not isinstance(content, dict):
        return Seen(note=f"[{kind}]")
    if kind == "interactive":
        return see_interactive(content, world)
    if kind == "order":
        return _see_order(content, world)
    return _see_media(kind, content) if kind in MEDIA else _see_plain(kind, content)


def _see_media(kind: str, content: dict[str, Any]) -> Seen:
    name = str(content.get("filename") or "")
    media = Media(kind, str(content.get("id") or ""), str(content.get("link") or ""), name)
    return Seen(media=media, body=str(content.get("caption") or ""))


def _see_plain(kind: str, content: dict[str, Any]) -> Seen:
    if kind == "location":
        return _see_location(content)
    if kind == "unsupported":
        return Seen(note=f"A message the business cannot read ({content.get('type') or 'unknown'}).")
    if kind in ("edit", "revoke"):
        return Seen(note="Edited a message." if kind == "edit" else "Deleted a message.")
    if kind == "system":
        return Seen(note=str(content.get("body") or ""))
    words = content.get("body") or content.get("text") or content.get("emoji")
    return Seen(body=str(words)) if words else Seen(note=f"[{kind}]")


def _see_order(content: dict[str, Any], world: World) -> Seen:
    catalog_id, items = str(content.get("catalog_id")), content.get("product_items") or []
    products = [product_of(catalog_id, str(item.get("product_retailer_id")), world) for item in items]
    wishes = (f"{item.get('quantity')} × {one.name}" for item, one in zip(items, products, strict=True))
    return Seen(header="Order", body="\n".join(wishes), footer=str(content.get("text") or ""))


def _see_location(content: dict[str, Any]) -> Seen:
    words = [str(content[name]) for name in ("name", "address") if content.get(name)]
    latitude, longitude = content.get("latitude"), content.get("longitude")
    try:
        place = (float(str(latitude)), float(str(longitude)))
    except ValueError:
        place = None
    return Seen(header=words[0] if words else "Location", body="\n".join(words[1:]), place=place)


def _contact(one: dict[str, Any]) -> tuple[str, str]:
    name = one.get("name")
    shown = name.get("formatted_name") or name.get("first_name") if isinstance(name, dict) else name
    phones = one.get("phones") or [{}]
    return str(shown or "Contact"), str(phones[0].get("phone") or "") if isinstance(phones[0], dict) else ""

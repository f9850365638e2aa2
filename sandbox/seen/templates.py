"""A template message: the template's words with the send's values in them."""

from collections.abc import Iterator
from typing import Any

from sandbox.seen.parts import Media, Product, Seen, Tappable
from sandbox.seen.shelf import product_of, products_in
from sandbox.world.message_template import Button, Shape, fill, variables_in
from sandbox.world.world import World

PICTURES = ("image", "video", "document")
WHOLE_CATALOG = ("CATALOG",)
PRODUCT_LISTS = ("MPM", "SPM")


def see_template(sent: dict[str, Any], world: World) -> Seen:
    """What a template send shows; a remark when the template is gone."""
    language = sent.get("language") or {}
    template = world.template_of(str(sent.get("name")), str(language.get("code")))
    if template is None:
        return Seen(note=f"[template {sent.get('name')}, since deleted]")
    return _see_shape(template.shape, _listed(sent.get("components")), world)


def _see_shape(shape: Shape, components: list[dict[str, Any]], world: World) -> Seen:
    parts = {str(part.get("type")).lower(): part for part in components}
    seen = Seen(
        header=fill(shape.header, _values(shape.header, parts.get("header"))),
        body=fill(shape.body, _values(shape.body, parts.get("body"))),
        footer=shape.footer,
        buttons=list(_buttons(shape.buttons, components)),
        shows_catalog=any(button.kind in WHOLE_CATALOG for button in shape.buttons),
    )
    seen.media = _header_media(shape, parts.get("header"))
    seen.products = list(_products(components, world))
    cards = _listed(parts.get("carousel", {}).get("cards"))
    in_order = zip(shape.cards, cards, strict=False)
    seen.cards = [_see_shape(card, _listed(given.get("components")), world) for card, given in in_order]
    return seen


def word_of(parameter: dict[str, Any]) -> str:
    """The text a template parameter puts in the place of its variable."""
    kind = str(parameter.get("type")).lower()
    if kind == "text":
        return str(parameter.get("text") or "")
    content = parameter.get(kind)
    return str(content.get("fallback_value") or "") if isinstance(content, dict) else ""


def _values(text: str, part: dict[str, Any] | None) -> dict[str, str]:
    in_order = zip(variables_in(text), _listed((part or {}).get("parameters")), strict=False)
    return {str(one.get("parameter_name") or name): word_of(one) for name, one in in_order}


def _header_media(shape: Shape, part: dict[str, Any] | None) -> Media | None:
    kind = (shape.header_format or "").lower()
    if kind not in (*PICTURES, "location"):
        return None
    given = (_listed((part or {}).get("parameters")) or [{}])[0].get(kind)
    content = given if isinstance(given, dict) else {}
    name = str(content.get("filename") or content.get("name") or "")
    return Media(kind, str(content.get("id") or ""), str(content.get("link") or ""), name)


def _buttons(buttons: tuple[Button, ...], components: list[dict[str, Any]]) -> Iterator[Tappable]:
    given = {
        str(part.get("index", "0")): (_listed(part.get("parameters")) or [{}])[0]
        for part in components
        if str(part.get("type")).lower() == "button"
    }
    for index, button in enumerate(buttons):
        yield _button(button, given.get(str(index), {}))


def _button(button: Button, value: dict[str, Any]) -> Tappable:
    if button.kind == "QUICK_REPLY":
        answer = {"payload": value.get("payload") or button.text, "text": button.text}
        return Tappable(button.text, ("button", answer))
    if button.kind == "COPY_CODE":
        return Tappable(button.text or "Copy code", target=str(value.get("coupon_code") or ""), kind="code")
    target = fill(button.url, {"1": str(value.get("text") or "")})
    return Tappable(button.text or button.kind.replace("_", " ").capitalize(), target=target, kind=button.kind.lower())


def _products(components: list[dict[str, Any]], world: World) -> Iterator[Product]:
    """Those of a multi-product button, and of a product header."""
    for part in components:
        for parameter in _listed(part.get("parameters")):
            action, product = parameter.get("action"), parameter.get("product")
            if isinstance(action, dict):
                yield from products_in(action, world)
            if isinstance(product, dict):
                yield product_of(str(product.get("catalog_id")), str(product.get("product_retailer_id")), world)


def _listed(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []

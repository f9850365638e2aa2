"""Whether a template send gives its buttons what they need."""

from collections.abc import Callable
from typing import Any

from sandbox.errors import GraphError, invalid
from sandbox.validation.products import check_product, check_sections, shown_catalog
from sandbox.validation.template_words import check_word
from sandbox.validation.words import objects
from sandbox.world.message_template import Button, fill
from sandbox.world.world import World

LONGEST_URL, LONGEST_CODE, LONGEST_OTP, LONGEST_PAYLOAD = 2000, 20, 15, 256

Parameters = list[dict[str, Any]]


def check_buttons(wanted: tuple[Button, ...], components: Parameters, world: World) -> None:
    """Every given button exists and is of its kind; every button that needs a value gets one."""
    given = {_index(component): component for component in components}
    for index, component in given.items():
        if index >= len(wanted):
            raise GraphError(132012, f"buttons: There is no button at index {index}")
        _check_button(index, wanted[index], component, world)
    for index, button in enumerate(wanted):
        if button.takes_value and index not in given:
            raise _lacking(index, button)


def _check_button(index: int, button: Button, component: dict[str, Any], world: World) -> None:
    kind = str(component.get("sub_type", "")).upper()
    if kind != ("URL" if button.kind == "OTP" else button.kind):
        raise GraphError(132012, f"buttons: Button at index {index} is of type {button.kind}, not {kind}")
    given = objects("parameters", component.get("parameters"))
    if button.kind in _CHECKS:
        _CHECKS[button.kind](index, button, given, world)


def _url(index: int, button: Button, given: Parameters, world: World) -> None:
    if len(given) != int(button.takes_value):
        raise GraphError(
            132000,
            f"buttons: Button at index {index}: number of params ({len(given)}) does not match "
            f"the expected number of params ({int(button.takes_value)})",
        )
    if given and len(fill(button.url, {"1": check_word(f"button {index}", given[0])})) > LONGEST_URL:
        raise GraphError(132005, f"buttons: the URL at index {index} is longer than {LONGEST_URL} characters")


def _one_time_password(index: int, button: Button, given: Parameters, world: World) -> None:
    if not given:
        raise _lacking(index, button)
    if len(check_word(f"button {index}", given[0])) > LONGEST_OTP:
        raise GraphError(132005, f"buttons: the code is longer than {LONGEST_OTP} characters")


def _copy_code(index: int, button: Button, given: Parameters, world: World) -> None:
    code = given[0].get("coupon_code") if given else None
    if not code:
        raise _lacking(index, button)
    if len(str(code)) > LONGEST_CODE:
        raise GraphError(132005, f"buttons: the code is longer than {LONGEST_CODE} characters")


def _quick_reply(index: int, button: Button, given: Parameters, world: World) -> None:
    if not given:
        return
    payload = given[0].get("payload")
    if not isinstance(payload, str) or not payload:
        raise GraphError(131008, f"buttons: Button at index {index} of type Quick_Reply lacks its payload")
    if len(payload) > LONGEST_PAYLOAD:
        raise GraphError(132005, f"buttons: the payload is longer than {LONGEST_PAYLOAD} characters")


def _catalog(index: int, button: Button, given: Parameters, world: World) -> None:
    catalog = shown_catalog(world)
    thumbnail = _action(given).get("thumbnail_product_retailer_id")
    if thumbnail:
        check_product(thumbnail, catalog.id, world)


def _products(index: int, button: Button, given: Parameters, world: World) -> None:
    action = _action(given)
    if not action:
        raise _lacking(index, button)
    catalog = shown_catalog(world)
    check_product(action.get("thumbnail_product_retailer_id"), catalog.id, world)
    check_sections(action, catalog.id, world)


def _action(given: Parameters) -> dict[str, Any]:
    action = given[0].get("action") if given else None
    return action if isinstance(action, dict) else {}


def _index(component: dict[str, Any]) -> int:
    index = str(component.get("index", "0"))
    if not index.isascii() or not index.isdigit():
        raise invalid(f"Param index must be a number, not {index!r}")
    return int(index)


def _lacking(index: int, button: Button) -> GraphError:
    return GraphError(131008, f"buttons: Button at index {index} of type {button.kind.title()} requires a parameter")


_CHECKS: dict[str, Callable[[int, Button, Parameters, World], None]] = {
    "URL": _url,
    "OTP": _one_time_password,
    "COPY_CODE": _copy_code,
    "QUICK_REPLY": _quick_reply,
    "CATALOG": _catalog,
    "MPM": _products,
}

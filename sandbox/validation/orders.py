"""The rules of order_details and order_status."""

import re
import time
from typing import Any

from sandbox.errors import GraphError, invalid, missing
from sandbox.validation.words import Content, check_list, check_object, check_text
from sandbox.world.world import World

REFERENCE = re.compile(r"[A-Za-z0-9_.-]{1,35}")
MOST_ITEMS, LONGEST_NAME = 999, 60
LONGEST_DESCRIPTION = 120
SOONEST_EXPIRY = 300  # seconds
COURSE = ("pending", "processing", "partially_shipped", "shipped", "completed")
CANCELED, FINAL = "canceled", ("completed", "canceled")
IMPORT_FACTS = ("country_of_origin", "importer_name", "importer_address")
SETTINGS = ("payment_gateway", "payment_link", "upi_intent_link", "pix_dynamic_code", "boleto")


def check_details(action: Content, world: World) -> None:
    """An order to be reviewed and paid: sums that add up, a reference never used before, one way to pay."""
    given = _parameters(action, "review_and_pay")
    reference = str(given.get("reference_id") or "")
    if not REFERENCE.fullmatch(reference):
        raise invalid("reference_id must be 1 to 35 letters, digits, '_', '-' or '.'")
    if reference in world.orders:
        raise invalid(f"reference_id {reference} was used before")
    if given.get("type") not in ("physical-goods", "digital-goods"):
        raise invalid("type must be physical-goods or digital-goods")
    if given.get("currency") != "INR":
        raise invalid("currency must be INR")
    _check_settings(given.get("payment_settings"))
    order = check_object("parameters['order']", given.get("order"))
    if order.get("status") != "pending":
        raise invalid("order['status'] must be pending")
    _check_items(order)
    _check_sums(given, order)
    _check_expiry(order.get("expiration"))


def check_status(action: Content, world: World) -> None:
    """News of an order that was sent before: forward only, nothing after the end."""
    given = _parameters(action, "review_order")
    reference = str(given.get("reference_id") or "")
    order = check_object("parameters['order']", given.get("order"))
    status = status_of(order)
    if status not in (*COURSE, CANCELED):
        raise invalid(f"order['status'] must be one of {', '.join((*COURSE, CANCELED))}")
    if order.get("description") is not None:
        check_text("order['description']", order["description"], LONGEST_DESCRIPTION)
    if reference not in world.orders:
        raise invalid(f"There is no order with the reference_id {reference!r}")
    present = world.orders[reference]
    if status == CANCELED and reference in world.paid_orders:
        raise GraphError(2047, f"Order {reference} was paid and cannot be canceled.")
    is_back = status in COURSE and present in COURSE and COURSE.index(status) < COURSE.index(present)
    if present in FINAL or is_back:
        raise GraphError(2046, f"Order {reference} is {present} and cannot become {status}.")


def order_of(body: Content) -> tuple[str, str] | None:
    """The reference and status that a message brings or changes, if it is about an order."""
    content = body.get("interactive")
    if body.get("type") != "interactive" or not isinstance(content, dict):
        return None
    if content.get("type") not in ("order_details", "order_status"):
        return None
    given = content["action"]["parameters"]
    return str(given["reference_id"]), status_of(given["order"])


def status_of(order: Content) -> str:
    """The status; Meta's pages spell one of them with a hyphen too."""
    return str(order.get("status")).replace("-", "_")


def _parameters(action: Content, name: str) -> Content:
    if action.get("name") != name:
        raise invalid(f"action['name'] must be {name}")
    return check_object("action['parameters']", action.get("parameters"))


def _check_settings(settings: Any) -> None:
    (setting, *others) = check_list("payment_settings", settings, 1)
    kind = setting.get("type")
    if others or kind not in SETTINGS:
        raise invalid(f"payment_settings must hold exactly one of {', '.join(SETTINGS)}")
    way = check_object(f"payment_settings['{kind}']", setting.get(kind))
    if kind == "payment_link" and not str(way.get("uri", "")).startswith(("http://", "https://")):
        raise invalid("payment_link['uri'] must be a URL")
    if kind == "payment_gateway" and not way.get("configuration_name"):
        raise missing("payment_gateway['configuration_name']")


def _check_items(order: Content) -> None:
    for item in check_list("order['items']", order.get("items"), MOST_ITEMS):
        check_text("item['name']", item.get("name"), LONGEST_NAME)
        if not isinstance(item.get("quantity"), int) or item["quantity"] < 1:
            raise invalid("item['quantity'] must be a whole number, 1 or more")
        if not order.get("catalog_id"):
            for fact in IMPORT_FACTS:
                if not item.get(fact):
                    raise missing(f"item['{fact}']")


def _check_sums(given: Content, order: Content) -> None:
    prices = ((item.get("sale_amount") or item.get("amount"), item["quantity"]) for item in order["items"])
    items = sum(_value("item['amount']", amount) * quantity for amount, quantity in prices)
    if _value("subtotal", order.get("subtotal")) != items:
        raise invalid(f"subtotal must be the sum of the items, {items}")
    added = sum(_value(name, order[name]) for name in ("tax", "shipping") if order.get(name))
    if "tax" not in order:
        raise missing("order['tax']")
    total = items + added - (_value("discount", order["discount"]) if order.get("discount") else 0)
    if _value("total_amount", given.get("total_amount")) != total:
        raise invalid(f"total_amount must be subtotal + tax + shipping - discount, {total}")


def _value(name: str, amount: Any) -> int:
    """An amount in paise."""
    given = check_object(name, amount)
    value, offset = given.get("value"), given.get("offset")
    if not isinstance(value, int) or isinstance(value, bool) or value < 0 or offset != 100:
        raise invalid(f"{name} must be {{value, offset}} with a whole value and the offset 100")
    return value


def _check_expiry(expiration: Any) -> None:
    if expiration is None:
        return
    moment = str(check_object("order['expiration']", expiration).get("timestamp", ""))
    if not moment.isdecimal() or int(moment) < time.time() + SOONEST_EXPIRY:
        raise invalid(f"expiration['timestamp'] must be at least {SOONEST_EXPIRY} seconds ahead")
    check_text("expiration['description']", expiration.get("description"), LONGEST_DESCRIPTION)

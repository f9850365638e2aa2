"""Orders to pay and what became of them, as WhatsApp shows them."""

from decimal import Decimal
from typing import Any

from sandbox.seen.parts import Bill

SUMS = ("subtotal", "tax", "shipping", "discount")


def bill_of(parameters: dict[str, Any]) -> Bill:
    """The bill in the parameters of an order_details message."""
    order = parameters.get("order") or {}
    items = tuple(_item(item) for item in order.get("items") or [])
    sums = [(name.capitalize(), amount_of(order[name])) for name in SUMS if isinstance(order.get(name), dict)]
    total = parameters.get("total_amount") or {}
    way, setting = _payment(parameters.get("payment_settings") or [])
    return Bill(
        reference_id=str(parameters.get("reference_id") or ""),
        currency=str(parameters.get("currency") or "INR"),
        items=items,
        sums=(*((name, amount) for name, amount in sums if amount), ("Total", amount_of(total))),
        total=total,
        way=way,
        uri=str(setting.get("uri") or ""),
        configuration=str(setting.get("configuration_name") or ""),
    )


def amount_of(amount: dict[str, Any]) -> Decimal:
    """An amount `{value, offset}` in whole units."""
    return Decimal(int(amount.get("value") or 0)) / Decimal(int(amount.get("offset") or 100))


def order_status(parameters: dict[str, Any]) -> str:
    """The news an order_status message brings."""
    order = parameters.get("order") or {}
    status = str(order.get("status") or "").replace("_", " ")
    words = f"Order {parameters.get('reference_id')}: {status}."
    return f"{words} {order['description']}" if order.get("description") else words


def _item(item: dict[str, Any]) -> tuple[str, int, Decimal]:
    amount = item.get("sale_amount") or item.get("amount") or {}
    return str(item.get("name") or item.get("retailer_id")), int(item.get("quantity") or 1), amount_of(amount)


def _payment(settings: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    setting = settings[0] if settings else {}
    way = str(setting.get("type") or "upi")
    content = setting.get(way)
    return way, content if isinstance(content, dict) else {}

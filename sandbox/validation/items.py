"""Whether the facts of a catalog item, in the words of a batch, are such that Meta keeps them."""

from collections.abc import Iterator
from typing import Any

from sandbox.world.money import price_of

REQUIRED = ("title", "description", "availability", "condition", "price", "link", "brand")
LONGEST = {"id": 100, "title": 200, "description": 5000, "brand": 100, "link": 2000}
AVAILABILITIES = ("in stock", "out of stock", "available for order", "discontinued", "preorder")
CONDITIONS = ("new", "refurbished", "used", "used_like_new", "used_good", "used_fair", "cpo", "open_box_new")
ADDRESSES = ("link", "image_link")


def faults_of_new(facts: dict[str, Any]) -> list[str]:
    """Why Meta would not make this item, in sentences; none when it would."""
    lacking = [f"The required property {name} is missing." for name in REQUIRED if not facts.get(name)]
    if not facts.get("image_link") and not facts.get("image"):
        lacking.append("The required property image_link is missing.")
    return lacking + faults_of(facts)


def faults_of(facts: dict[str, Any]) -> list[str]:
    """Why Meta would not take these facts, in sentences."""
    return list(_faults(facts))


def warnings_of(facts: dict[str, Any]) -> list[str]:
    """What Meta takes, and minds."""
    title = str(facts.get("title") or "")
    return ["The title is written in capital letters."] if len(title) > 3 and title.isupper() else []


def _faults(facts: dict[str, Any]) -> Iterator[str]:
    if "retailer_id" in facts:
        yield "The property retailer_id is not accepted; use id."
    for name, most in LONGEST.items():
        if facts.get(name) is not None and not 0 < len(str(facts[name])) <= most:
            yield f"The property {name} must have 1 to {most} characters."
    for name in ADDRESSES:
        if facts.get(name) and not str(facts[name]).startswith(("http://", "https://")):
            yield f"The property {name} must be a URL."
    yield from _price_faults(facts)
    if facts.get("availability") and str(facts["availability"]) not in AVAILABILITIES:
        yield f"The property availability must be one of {', '.join(AVAILABILITIES)}."
    if facts.get("condition") and str(facts["condition"]) not in CONDITIONS:
        yield f"The property condition must be one of {', '.join(CONDITIONS)}."
    quantity = facts.get("quantity_to_sell_on_facebook")
    if quantity is not None and not str(quantity).isdecimal():
        yield "The property quantity_to_sell_on_facebook must be a whole number."


def _price_faults(facts: dict[str, Any]) -> Iterator[str]:
    prices = {name: price_of(facts[name]) for name in ("price", "sale_price") if facts.get(name)}
    for name, price in prices.items():
        if price is None:
            yield f"The property {name} must be written like 549.00 INR."
    price, sale = prices.get("price"), prices.get("sale_price")
    if price and sale and (price[1] != sale[1] or sale[0] > price[0]):
        yield "The property sale_price must be lower than the price, in the same currency."

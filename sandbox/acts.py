"""What customers do about a message they got: reply, tap a button, order."""

import random
from collections.abc import Callable
from typing import Any

from sandbox.inbound import write
from sandbox.seen import Seen, see
from sandbox.stage import Stage
from sandbox.world.facts import Outgoing

REPLIES = ("Yes, please tell me more", "Sounds good 👍", "Not now, thank you", "What does it cost for four?")
PRICE = 499  # what an ordered item costs, in whole rupees


def seen_by_customer(message: Outgoing, stage: Stage) -> Seen:
    """The message as its customer sees it."""
    template = stage.world.template_of(*message.template) if message.template else None
    return see(stage.store.payload_of(message), template)


def reply(message: Outgoing, stage: Stage) -> None:
    """Answer with a few words."""
    write(message.customer, "text", {"body": random.choice(REPLIES)}, {}, stage)


def tap(message: Outgoing, stage: Stage, title: str | None = None) -> bool:
    """Tap the button of that title, or any; False when there is none to tap."""
    buttons = [one for one in seen_by_customer(message, stage).buttons if title in (None, one.title)]
    answers = [one.answer for one in buttons if one.answer]
    if answers:
        kind, content = random.choice(answers)
        write(message.customer, kind, content, _answering(message, stage), stage)
    return bool(answers)


def order(message: Outgoing, stage: Stage) -> None:
    """Order one of each product the message shows, if it shows any."""
    products = seen_by_customer(message, stage).products
    if not products:
        return
    items = [
        {"product_retailer_id": product, "quantity": 1, "item_price": PRICE, "currency": "INR"}
        for _, product in products
    ]
    content = {"catalog_id": products[0][0], "text": "", "product_items": items}
    write(message.customer, "order", content, _answering(message, stage), stage)


def _answering(message: Outgoing, stage: Stage) -> dict[str, Any]:
    return {"context": {"from": stage.channel.digits, "id": message.id}}


BY_NAME: dict[str, Callable[[Outgoing, Stage], object]] = {"reply": reply, "tap": tap, "order": order}

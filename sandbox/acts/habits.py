"""What customers do by themselves about a message they got."""

import random
from collections.abc import Callable

from sandbox.acts import answers, buying
from sandbox.acts.answers import seen_by_customer
from sandbox.stage import Stage
from sandbox.world.facts import Outgoing

REPLIES = ("Yes, please tell me more", "Sounds good 👍", "Not now, thank you", "What does it cost for four?")


def reply(message: Outgoing, stage: Stage) -> None:
    """Answer with a few words."""
    answers.reply(message.customer, {"body": random.choice(REPLIES)}, stage)


def tap(message: Outgoing, stage: Stage) -> None:
    """Tap one of its buttons, if there is one to tap."""
    touchables = seen_by_customer(message, stage).touchables
    places = [place for place, one in enumerate(touchables) if one.answer]
    if places:
        answers.tap(message.customer, {"message": message.id, "place": random.choice(places)}, stage)


def order(message: Outgoing, stage: Stage) -> None:
    """Order one of each product the message shows, if it shows any."""
    if seen_by_customer(message, stage).products:
        buying.order(message.customer, {"message": message.id}, stage)


BY_NAME: dict[str, Callable[[Outgoing, Stage], None]] = {"reply": reply, "tap": tap, "order": order}


def follow(name: str, message: Outgoing, stage: Stage) -> None:
    """The customer follows the habit of that name; whoever blocked the business meanwhile does not."""
    if not message.customer.has_blocked:
        BY_NAME[name](message, stage)

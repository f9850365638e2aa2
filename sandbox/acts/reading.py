"""A customer reads."""

import time
from typing import Any

from sandbox.stage import Stage
from sandbox.world.facts import Customer, Outgoing


def read(customer: Customer, given: dict[str, Any], stage: Stage) -> dict[str, Any]:
    """Read everything that was delivered and is unread; each is told as `read`."""
    messages = unread(customer)
    for message in messages:
        stage.store.add_step(message, "read")
        stage.postman.put((message, len(message.steps) - 1))
    return {"read": len(messages)}


def unread(customer: Customer) -> list[Outgoing]:
    """The delivered messages since the customer last read or wrote."""
    now, found = time.time(), []
    for entry in reversed(customer.entries):
        reached = {one["status"] for one in entry.statuses(now)} if isinstance(entry, Outgoing) else {"read"}
        if "read" in reached:
            break
        if "delivered" in reached and isinstance(entry, Outgoing) and "read" not in entry.steps:
            found.append(entry)
    return found

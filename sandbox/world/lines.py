"""The journal's lines. A fact is built from its line both when it happens and after a restart, so the
two cannot differ.

    out    {id, customer, channel, kind, template, category, pricing, order, callback, at, by_user_id, counts,
            steps, offsets, payload}
    in     {id, customer, name, channel, at, body}
    event  {field, value, at}
    who    {customer, is: {name: value}, phone?}   a customer changes; `phone` is a new number
    more   {of: n, step, offset}   one more step of a message
    told   {of: [[n, step], …]}
"""

from sys import intern
from typing import Any

from sandbox.world.facts import AccountEvent, Fact, Incoming, Outgoing
from sandbox.world.world import World

# Hundreds of thousands of messages share a few plans and templates; each is kept once.
_shared: dict[tuple[Any, ...], tuple[Any, ...]] = {}


def fact_of(line: dict[str, Any], world: World, place: tuple[int, int]) -> Fact:
    """The fact a line speaks of; `place` is the line's offset and length in the journal."""
    n = len(world.facts)
    if line["k"] == "event":
        return AccountEvent(n, line["field"], line["value"], line["at"])
    customer = world.customer(line["customer"])
    if line["k"] == "in":
        customer.given_name = line["name"] or customer.given_name
        return Incoming(n, line["id"], customer, line["channel"], line["at"], line["body"])
    return Outgoing(
        n=n,
        id=line["id"],
        customer=customer,
        channel_id=intern(line["channel"]),
        kind=intern(line["kind"]),
        template=_share(line["template"]) if line["template"] else None,
        category=intern(line["category"]),
        callback=line["callback"],
        accepted_at=line["at"],
        by_user_id=line["by_user_id"],
        counts=line["counts"],
        steps=_share(line["steps"]),
        offsets=tuple(line["offsets"]),
        place=place,
        pricing_type=intern(line.get("pricing", "regular")),  # journals of the first weeks lack these two
        order=tuple(line["order"]) if line.get("order") else None,
    )


def _share(items: list[Any] | tuple[Any, ...]) -> tuple[Any, ...]:
    return _shared.setdefault(tuple(items), tuple(items))

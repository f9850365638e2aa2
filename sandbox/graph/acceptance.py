"""Whether a message is accepted, and what is remembered of it then."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.aftermath import FAILING_LATER, hold, plan_for, schedule
from sandbox.errors import TITLES, GraphError
from sandbox.graph.template_quality import mind
from sandbox.ids import new_message_id
from sandbox.limits import DAY
from sandbox.stage import Stage
from sandbox.tuning import Marketing
from sandbox.validation.free_form import check_free_form
from sandbox.validation.orders import order_of
from sandbox.validation.recipient import check_envelope, recipient_of
from sandbox.validation.template_send import check_components, template_of
from sandbox.world.facts import Customer, Outgoing
from sandbox.world.message_template import Template
from sandbox.world.world import Channel, month_of

# Last six digits of a number: the error it is refused with at once.
REFUSED_AT_ONCE = {str(code): code for code in TITLES if code >= 100_000 and str(code) not in FAILING_LATER}

Door = Callable[[Template | None, Marketing], str]  # refuses what may not take it; the pricing category


@dataclass(slots=True)
class Accepted:
    """An accepted message; held messages wait for Meta's quality assessment."""

    message: Outgoing
    is_held: bool


@dataclass(slots=True)
class _Letter:
    """A message on its way to being accepted."""

    channel: Channel
    customer: Customer
    by_user_id: bool
    template: Template | None
    category: str
    body: dict[str, Any]


def accept(stage: Stage, channel: Channel, body: dict[str, Any], door: Door) -> Accepted:
    """Accept a message for sending: remember it and plan what follows. Raises GraphError as Meta refuses."""
    letter = _read(stage, channel, body, door)
    counts = _check_limits(stage, letter)
    plan, is_held = _plan(stage, letter, counts)
    message = _record(stage, letter, counts, plan)
    if letter.template:
        mind(stage, letter.template)
    schedule(message, stage)
    return Accepted(message, is_held)


def _read(stage: Stage, channel: Channel, body: dict[str, Any], door: Door) -> _Letter:
    check_envelope(body)
    if channel.status != "CONNECTED":
        raise GraphError(133010)
    if refusal := stage.world.account.refuses(time.time()):
        raise GraphError(refusal)
    key, by_user_id = recipient_of(body, channel)
    kind = str(body.get("type") or "text").lower()
    template = template_of(body.get("template"), stage.world) if kind == "template" else None
    category = door(template, stage.tuning.marketing)
    if template:
        check_components(template, body["template"].get("components"), stage.world)
    else:
        check_free_form(kind, body, stage.world)
    if by_user_id and template and template.category == "AUTHENTICATION":
        raise GraphError(131062)
    return _Letter(channel, stage.world.customer(key), by_user_id, template, category, body | {"type": kind})


def _check_limits(stage: Stage, letter: _Letter) -> bool:
    """Refuse what is over a limit; True when the message counts against the messaging limit."""
    now, tuning, customer = time.time(), stage.tuning, letter.customer
    is_open = customer.has_open_window(now)
    if letter.template is None and not is_open:
        raise GraphError(131047)
    if not is_open and not stage.world.unique.admits(customer.key, tuning.messaging_limit, now):
        raise GraphError(131048)
    if customer.key[-6:] in REFUSED_AT_ONCE:
        raise GraphError(REFUSED_AT_ONCE[customer.key[-6:]])
    if not stage.throughput.admits(tuning.throughput_mps):
        raise GraphError(130429)
    if not stage.pair_rate.admits(customer.key, tuning.pair_rate):
        raise GraphError(131056)
    return not is_open


def _plan(stage: Stage, letter: _Letter, counts: bool) -> tuple[list[tuple[str, int]], bool]:
    tuning, is_marketing = stage.tuning, letter.category.startswith("marketing")
    is_capped = counts and is_marketing and _has_enough(letter.customer, tuning.marketing.customer_cap)
    plan = plan_for(letter.customer, letter.category, tuning.statuses, tuning.latency_ms, is_capped)
    if is_marketing and random.random() < tuning.quality.hold_rate:
        return hold(plan, tuning.quality), True
    return plan, False


def _has_enough(customer: Customer, cap: int) -> bool:
    """Whether a customer got as much marketing in 24 hours as Meta thinks good; 0 is no cap."""
    if not cap:
        return False
    since, taken = time.time() - DAY, 0
    for entry in reversed(customer.entries):
        if isinstance(entry, Outgoing) and entry.accepted_at > since:
            taken += entry.category.startswith("marketing") and entry.steps[0] == "sent"
    return taken >= cap


def _record(stage: Stage, letter: _Letter, counts: bool, plan: list[tuple[str, int]]) -> Outgoing:
    now, template = time.time(), letter.template
    line = {
        "k": "out",
        "id": new_message_id(letter.customer.key),
        "customer": letter.customer.key,
        "channel": letter.channel.id,
        "kind": letter.body["type"],
        "template": template.key if template else None,
        "category": letter.category,
        "pricing": _pricing_type(stage, letter, now),
        "order": order_of(letter.body),
        "callback": letter.body.get("biz_opaque_callback_data"),
        "at": round(now, 3),
        "by_user_id": letter.by_user_id,
        "counts": counts,
        "steps": [step for step, _ in plan],
        "offsets": [offset for _, offset in plan],
        "payload": letter.body,
    }
    message = stage.store.record(line)
    assert isinstance(message, Outgoing)
    return message


def _pricing_type(stage: Stage, letter: _Letter, now: float) -> str:
    """Reactions are free, and so are a number of free-form messages each month; all else is charged."""
    used = stage.world.service_messages[month_of(now)]
    is_free = letter.body["type"] == "reaction" or used < stage.tuning.free_service_messages
    return "free_customer_service" if letter.template is None and is_free else "regular"

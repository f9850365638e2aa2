"""POST /{phone number id}/messages: send a message, or mark one as read."""

import time
from typing import Any

from sandbox.aftermath import plan_for, schedule
from sandbox.errors import GraphError, invalid, missing
from sandbox.faults import drop_connection, meet_accident
from sandbox.graph.call import Call
from sandbox.ids import new_message_id
from sandbox.stage import Stage
from sandbox.validation.free_form import check_free_form
from sandbox.validation.recipient import check_envelope, recipient_of
from sandbox.validation.template_send import check_components, template_of
from sandbox.world.facts import Customer, Outgoing
from sandbox.world.message_template import Template
from sandbox.world.world import Channel

REFUSED_NUMBERS = {"130472": 130472, "131056": 131056}  # last six digits: the error at once


async def send(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """Send, or mark as read. Raises GraphError as Meta refuses."""
    body = call.params
    if body.get("status") == "read":
        return _mark_read(stage, body)
    await meet_accident(stage.tuning.faults, call.request)
    channel = stage.world.channels[node]
    try:
        message = _accept(stage, channel, body)
    except GraphError as refusal:
        stage.world.counts["rejected"] += 1
        stage.world.rejected[str(refusal.code)] += 1
        stage.store.changed()
        raise
    drop_connection(stage.tuning.faults, call.request)
    return _answer(message, body)


def _mark_read(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    if not body.get("message_id"):
        raise missing("message_id")
    message = stage.world.incoming.get(str(body["message_id"]))
    if message is None:
        raise invalid("Parameter 'message_id' is not the id of a message that was received")
    message.was_read = True
    return {"success": True}


def _accept(stage: Stage, channel: Channel, body: dict[str, Any]) -> Outgoing:
    check_envelope(body)
    key, by_user_id = recipient_of(body, channel)
    kind = str(body.get("type") or "text").lower()
    template = template_of(body.get("template"), stage.world) if kind == "template" else None
    if template:
        check_components(template, body["template"].get("components"), stage.world)
    else:
        check_free_form(kind, body, stage.world)
    customer = stage.world.customer(key)
    counts = _check_limits(stage, customer, template)
    message = _record(stage, channel, customer, template, body | {"type": kind}, by_user_id, counts)
    schedule(message, stage)
    return message


def _check_limits(stage: Stage, customer: Customer, template: Template | None) -> bool:
    """Refuse what is over a limit; True when the message counts against the messaging limit."""
    now, tuning = time.time(), stage.tuning
    is_open = customer.has_open_window(now)
    if template is None and not is_open:
        raise GraphError(131047)
    if not is_open and not stage.world.unique.admits(customer.key, tuning.messaging_limit, now):
        raise GraphError(131048)
    if customer.key[-6:] in REFUSED_NUMBERS:
        raise GraphError(REFUSED_NUMBERS[customer.key[-6:]])
    if not stage.throughput.admits(tuning.throughput_mps):
        raise GraphError(130429)
    if not stage.pair_rate.admits(customer.key, tuning.pair_rate):
        raise GraphError(131056)
    return not is_open


def _record(
    stage: Stage,
    channel: Channel,
    customer: Customer,
    template: Template | None,
    body: dict[str, Any],
    by_user_id: bool,
    counts: bool,
) -> Outgoing:
    plan = plan_for(customer.key, stage.tuning.statuses, stage.tuning.latency_ms)
    line = {
        "k": "out",
        "id": new_message_id(customer.key),
        "customer": customer.key,
        "channel": channel.id,
        "kind": body["type"],
        "template": template.key if template else None,
        "category": template.category.lower() if template else "service",
        "callback": body.get("biz_opaque_callback_data"),
        "at": round(time.time(), 3),
        "by_user_id": by_user_id,
        "counts": counts,
        "steps": [step for step, _ in plan],
        "offsets": [offset for _, offset in plan],
        "payload": body,
    }
    message = stage.store.record(line)
    assert isinstance(message, Outgoing)
    return message


def _answer(message: Outgoing, body: dict[str, Any]) -> dict[str, Any]:
    sent: dict[str, Any] = {"id": message.id}
    if message.template:
        sent["message_status"] = "accepted"
    customer = message.customer
    if message.by_user_id:
        contact = {"input": str(body["recipient"]), "user_id": str(body["recipient"])}
    else:
        contact = {"input": str(body["to"]), "wa_id": str(customer.phone)}
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [sent]}

"""POST /{phone number id}/messages and /marketing_messages: send a message, or mark one as read."""

from typing import Any

from sandbox.errors import GraphError, invalid, missing
from sandbox.faults import dawdle, drop_connection, meet_accident
from sandbox.graph.acceptance import Accepted, accept
from sandbox.graph.call import Call
from sandbox.stage import Stage
from sandbox.validation.marketing import check_marketing, check_plain

PRODUCT_POLICIES = ("CLOUD_API_FALLBACK", "STRICT")


async def send(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """Send, or mark as read. Raises GraphError as Meta refuses."""
    if call.params.get("status") == "read":
        return _mark_read(stage, call.params)
    return await _send(stage, call, node, is_marketing=False)


async def send_marketing(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """Send a marketing template through the Marketing Messages API. Raises GraphError as Meta refuses."""
    policy = call.params.get("product_policy", PRODUCT_POLICIES[0])
    if policy not in PRODUCT_POLICIES:
        raise GraphError(100, f"Param product_policy must be one of {{{', '.join(PRODUCT_POLICIES)}}}.")
    return await _send(stage, call, node, is_marketing=True)


async def _send(stage: Stage, call: Call, node: str, is_marketing: bool) -> dict[str, Any]:
    await meet_accident(stage.tuning.faults, call.request)
    check = check_marketing if is_marketing else check_plain
    try:
        accepted = accept(stage, stage.world.channels[node], call.params, check)
    except GraphError as refusal:
        stage.world.counts["rejected"] += 1
        stage.world.rejected[str(refusal.code)] += 1
        stage.store.changed()
        raise
    await dawdle(stage.tuning.faults)
    drop_connection(stage.tuning.faults, call.request)
    return _answer(accepted, call.params)


def _mark_read(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    if not body.get("message_id"):
        raise missing("message_id")
    message = stage.world.incoming.get(str(body["message_id"]))
    if message is None:
        raise invalid("Parameter 'message_id' is not the id of a message that was received")
    typing = body.get("typing_indicator")
    if typing is not None and (not isinstance(typing, dict) or typing.get("type") != "text"):
        raise invalid("Parameter typing_indicator['type'] must be text")
    message.was_read = True
    return {"success": True}


def _answer(accepted: Accepted, body: dict[str, Any]) -> dict[str, Any]:
    message = accepted.message
    sent: dict[str, Any] = {"id": message.id}
    if message.template:
        sent["message_status"] = "held_for_quality_assessment" if accepted.is_held else "accepted"
    if message.by_user_id:
        contact = {"input": str(body["recipient"]), "user_id": str(body["recipient"])}
    else:
        contact = {"input": str(body["to"]), "wa_id": str(message.customer.phone)}
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [sent]}

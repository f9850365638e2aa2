"""Every act of a customer by its name, for the control API and the page."""

from collections.abc import Callable
from typing import Any

from sandbox.acts import answers, buying, identity, reading
from sandbox.inbound.writing import BadInbound
from sandbox.stage import Stage
from sandbox.world.facts import Customer, Incoming

Act = Callable[[Customer, dict[str, Any], Stage], Incoming | dict[str, Any] | None]

ACTS: dict[str, Act] = {
    "reply": answers.reply,
    "opt_out": answers.opt_out,
    "attach": answers.attach,
    "react": answers.react,
    "tap": answers.tap,
    "fill_form": answers.fill_form,
    "edit": answers.edit,
    "revoke": answers.revoke,
    "order": buying.order,
    "pay": buying.pay,
    "click": buying.click,
    "read": reading.read,
    "stop": identity.stop,
    "resume": identity.resume,
    "username_only": identity.username_only,
    "show_phone": identity.show_phone,
    "change_number": identity.change_number,
    "change_user_id": identity.change_user_id,
    "rename": identity.rename,
    "block": identity.block,
    "unblock": identity.unblock,
}


def act(name: str, customer: Customer, given: dict[str, Any], stage: Stage) -> dict[str, Any]:
    """Let a customer do it; the answer says who they are now, and the id of what they wrote. Raises BadInbound."""
    if name not in ACTS:
        raise BadInbound(f"There is no act {name!r}; known: {', '.join(ACTS)}.")
    outcome = ACTS[name](customer, given, stage)
    who = {"from": customer.phone, "user_id": customer.user_id}
    if isinstance(outcome, Incoming):
        return {"id": outcome.id} | who
    return {"success": True} | who | (outcome or {})

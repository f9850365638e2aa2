"""The table of control calls."""

from typing import Any

from aiohttp import web

from sandbox.announcements.announce import BadAnnouncement, happen_to_account
from sandbox.control import customers, truth
from sandbox.control.door import BadRequest, body_of, door
from sandbox.inbound.receive import receive
from sandbox.stage import Stage


def routes() -> list[web.RouteDef]:
    """Every call; any other path under the prefix is refused with a sentence."""
    return [
        web.get("/__sandbox__/state", door(truth.state)),
        web.get("/__sandbox__/messages", door(truth.messages)),
        web.get("/__sandbox__/webhooks", door(truth.webhooks)),
        web.get("/__sandbox__/config", door(show_config)),
        web.put("/__sandbox__/config", door(change_config)),
        web.get("/__sandbox__/customers", door(customers.listing)),
        web.get("/__sandbox__/customers/{key}", door(customers.show)),
        web.post("/__sandbox__/customers/{key}/{act}", door(customers.act_as)),
        web.post("/__sandbox__/inbound", door(inbound)),
        web.post("/__sandbox__/event", door(event)),
        web.post("/__sandbox__/reset", door(reset)),
        web.route("*", "/__sandbox__/{rest:.*}", door(unknown)),
    ]


async def show_config(request: web.Request, stage: Stage) -> dict[str, Any]:
    """The tuning as it is."""
    return stage.tuning.as_json()


async def change_config(request: web.Request, stage: Stage) -> dict[str, Any]:
    """Merge a partial tuning; the answer is the whole."""
    stage.tuning.change(await body_of(request))
    stage.store.changed()
    return stage.tuning.as_json()


async def inbound(request: web.Request, stage: Stage) -> dict[str, Any]:
    """A customer acts."""
    message = receive(await body_of(request), stage)
    return {"id": message.id, "from": message.customer.phone, "user_id": message.customer.user_id}


async def event(request: web.Request, stage: Stage) -> dict[str, Any]:
    """Something happens to the account: true here from now on, and told to the webhook."""
    given = await body_of(request)
    try:
        happen_to_account(given.get("field"), given.get("value"), stage)
    except BadAnnouncement as refusal:
        raise BadRequest(str(refusal)) from None
    return {"success": True}


async def reset(request: web.Request, stage: Stage) -> dict[str, Any]:
    """Forget everything."""
    stage.forget()
    return {"success": True}


async def unknown(request: web.Request, stage: Stage) -> dict[str, Any]:
    """Any other path of the control API."""
    raise BadRequest(f"There is no {request.method} {request.path} in the control API.")

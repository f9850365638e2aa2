"""The account page: what Meta decided, and buttons to let it decide otherwise."""

import time

from aiohttp import web

from sandbox.announcements import presets
from sandbox.announcements.announce import BadAnnouncement, happen_to_account
from sandbox.page.rendering import back_to, page
from sandbox.stage import STAGE


async def show(request: web.Request) -> web.Response:
    """The account as it is, and every event that can happen to it."""
    stage = request.app[STAGE]
    templates = sorted(stage.world.templates.values(), key=lambda one: one.key)
    refusal = stage.world.account.refuses(time.time())
    return page(
        "account.html",
        request,
        stage,
        templates=templates,
        account=stage.world.account,
        refusal=refusal,
        limit=stage.tuning.messaging_limit,
        presets=presets,
    )


async def happen(request: web.Request) -> web.Response:
    """Let an event happen."""
    stage, form = request.app[STAGE], await request.post()
    given = {name: str(value) for name, value in form.items()}
    try:
        field, value = presets.preset(request.match_info["event"], given, stage)
        happen_to_account(field, value, stage)
    except BadAnnouncement as refusal:
        raise back_to("/account", error=str(refusal)) from None
    raise back_to("/account", note=f"Told the webhook: {field}.")

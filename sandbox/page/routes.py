"""The table of the sandbox's own page."""

from aiohttp import web

from sandbox.page import account, gallery, phones, settings, webhooks


def routes() -> list[web.RouteDef]:
    """Every page and form."""
    return [
        web.get("/", phones.phones),
        web.get("/phones/{key}", phones.conversation),
        web.post("/phones", phones.write_as),
        web.post("/phones/{key}/{act}", phones.do),
        web.get("/settings", settings.show),
        web.post("/settings", settings.change),
        web.post("/settings/reset", settings.reset),
        web.get("/account", account.show),
        web.post("/account/{event}", account.happen),
        web.get("/webhooks", webhooks.show),
        *gallery.routes(),
    ]

"""The menu: what stands in it, for whom, and what waits there.

Upper rooms hang up what is counted beside an entry in `app.extensions["badges"]`, and a word that stands there quietly
in `app.extensions["notes"]`: endpoint -> callable.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from app.auth.access import can


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of the menu. `key` jumps there after "g"."""

    endpoint: str
    label: str
    icon: str
    permission: str
    key: str

    @property
    def url(self) -> str:
        return url_for(self.endpoint)

    @property
    def count(self) -> int:
        """How many things wait there for somebody; 0 where nothing is counted."""
        badge = current_app.extensions["badges"].get(self.endpoint)
        return badge() if badge else 0

    @property
    def note(self) -> str:
        """A word that is good to know, such as how full something is; empty where there is none."""
        note = current_app.extensions["notes"].get(self.endpoint)
        return note() if note else ""

    @property
    def is_current(self) -> bool:
        """Whether the page shown is this one or lies below it."""
        return request.path == self.url or (self.url != "/" and request.path.startswith(f"{self.url.rstrip('/')}/"))


MENU = (
    Item("operations.dashboard", "Dashboard", "dashboard", "campaigns.view", "d"),
    Item("channels.alert_list", "Alerts", "bell", "channels.view", "l"),
    Item("campaigns.index", "Campaigns", "speakerphone", "campaigns.view", "c"),
    Item("campaigns.limit", "Limit", "gauge", "campaigns.view", "i"),
    Item("message_templates.index", "Templates", "template", "templates.view", "t"),
    Item("customers.index", "Customers", "users", "customers.view", "u"),
    Item("customers.segments", "Segments", "filter", "customers.view", "n"),
    Item("customers.imports", "Imports", "file-import", "customers.view", "o"),
    Item("operations.jobs", "Jobs", "stack-2", "jobs.view", "j"),
    Item("webhooks.index", "Webhooks", "plug-connected", "webhooks.view", "w"),
    Item("channels.index", "Channel", "brand-whatsapp", "channels.view", "s"),
    Item("campaigns.sending_rules", "Sending rules", "adjustments", "campaigns.view", "e"),
    Item("campaigns.rates", "Rates", "coin-rupee", "campaigns.view", "r"),
    Item("operations.setup", "Setup", "list-check", "channels.view", "h"),
    Item("auth.team", "Team", "users-group", "users.manage", "m"),
    Item("auth.audit_log", "Audit log", "history", "audit.view", "a"),
)


def menu() -> list[Item]:
    """The entries this person may open. A room that is not installed has none."""
    return [item for item in MENU if item.endpoint in current_app.view_functions and can(item.permission)]

"""Who may do what: the one table of roles and permissions."""

from __future__ import annotations

from app.auth.models import Role

VIEWS = frozenset(
    {
        "campaigns.view",
        "templates.view",
        "customers.view",
        "channels.view",
        "jobs.view",
        "webhooks.view",
        "audit.view",
    }
)
DEEDS = frozenset(
    {
        "campaigns.write",
        "campaigns.send",
        "templates.sync",
        "templates.write",
        "customers.write",
        "customers.erase",
        "channels.write",
        "jobs.write",
        "webhooks.replay",
        "users.manage",
        "settings.write",
    }
)
PERMISSIONS = VIEWS | DEEDS

GRANTS: dict[Role, frozenset[str]] = {
    Role.OWNER: PERMISSIONS,
    Role.MANAGER: PERMISSIONS - {"users.manage", "channels.write", "settings.write"},
    Role.AGENT: (VIEWS - {"webhooks.view", "audit.view"}) | {"customers.write"},
    Role.VIEWER: VIEWS - {"webhooks.view", "audit.view", "jobs.view"},
}


def allows(role: Role, permission: str) -> bool:
    """Whether `role` grants `permission`. An unknown permission is a programming error (KeyError)."""
    if permission not in PERMISSIONS:
        raise KeyError(permission)
    return permission in GRANTS[role]

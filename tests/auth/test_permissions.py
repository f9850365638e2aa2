from __future__ import annotations

import pytest

from app.auth import permissions
from app.auth.access import needs
from app.auth.models import Role
from tests.factories import login

# Copied by hand from what the roles are meant to be, so that a slip in the table shows.
TABLE = {
    "campaigns.view": "owner manager agent viewer",
    "campaigns.write": "owner manager",
    "campaigns.send": "owner manager",
    "templates.view": "owner manager agent viewer",
    "templates.sync": "owner manager",
    "templates.write": "owner manager",
    "customers.view": "owner manager agent viewer",
    "customers.write": "owner manager agent",
    "customers.erase": "owner manager",
    "channels.view": "owner manager agent viewer",
    "channels.write": "owner",
    "jobs.view": "owner manager agent",
    "webhooks.view": "owner manager",
    "webhooks.replay": "owner manager",
    "jobs.write": "owner manager",
    "users.manage": "owner",
    "audit.view": "owner manager",
    "settings.write": "owner",
}


@pytest.mark.parametrize("permission", sorted(TABLE))
def test_it_grants_a_permission_to_its_roles_alone(permission):
    assert {role.value for role in Role if permissions.allows(role, permission)} == set(TABLE[permission].split())


def test_it_knows_every_permission():
    assert set(TABLE) == permissions.PERMISSIONS


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("alice", "/team", 200),
        ("mona", "/team", 403),
        ("mona", "/audit", 200),
        ("bob", "/audit", 403),
        ("vera", "/audit", 403),
        ("vera", "/account", 200),
    ],
)
def test_it_opens_a_page_by_role(client, cast, name, path, status):
    login(client, getattr(cast, name))
    assert client.get(path).status_code == status


def test_it_shows_only_the_menu_one_may_open(client, cast):
    login(client, cast.vera)
    page = client.get("/account").text
    assert 'href="/customers' in page
    assert 'href="/team"' not in page


def test_it_sends_strangers_to_the_login_page(client, cast):
    assert client.get("/team").location == "/login?next=/team"
    assert client.post("/team").location == "/login"


def test_it_refuses_a_permission_nobody_ever_named():
    with pytest.raises(ValueError, match="campaigns.sned"):
        needs("campaigns.sned")

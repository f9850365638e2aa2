"""Builders of the things tests speak of. Each makes one valid row; keyword arguments override its columns.

They flush; call `db.session.commit()` when another connection must see the row.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from flask.testing import FlaskClient

from app.auth import passwords
from app.auth.models import Role, User
from app.campaigns.models import Campaign, CampaignStatus, Recipient, TargetType
from app.channels.models import Channel
from app.customers.models import Customer, Sale
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.shared import clock

PASSWORD = "correct horse battery"
_numbers = count(1)
_hash: list[str] = []


def make_user(name: str = "alice", role: str = "owner", **columns: Any) -> User:
    """A member of the team whose password is PASSWORD (hashed once: argon2 is slow on purpose)."""
    if not _hash:
        _hash.append(passwords.hash_password(PASSWORD))
    columns = {"email": f"{name}@example.com", "name": name.title(), "password_hash": _hash[0]} | columns
    return _add(User(role=Role(role), is_active=columns.pop("is_active", True), **columns))


def login(client: FlaskClient, user: User) -> FlaskClient:
    """Log `user` in through the login page."""
    response = client.post("/login", data={"email": user.email, "password": PASSWORD})
    assert response.status_code == 302, response.text
    return client


def make_channel(**columns: Any) -> Channel:
    """The sandbox's number."""
    return _add(
        Channel(
            **{
                "name": "Sandbox",
                "phone_number_id": "100000000000001",
                "waba_id": "200000000000001",
                "business_id": "300000000000001",
                "token": "sandbox-token",
                "app_secret": "sandbox-app-secret",
                "verify_token": "sandbox-verify",
                "tier": "TIER_10K",
            }
            | columns
        )
    )


BODY = "Hi {{1}}, monsoon fares to {{2}} are open. Reply to book."


def make_template(channel: Channel | None = None, body: str = BODY, **columns: Any) -> MessageTemplate:
    """An approved marketing template with two positional variables."""
    return _add(
        MessageTemplate(
            **{
                "channel_id": (channel or make_channel()).id,
                "meta_id": str(5_000_000 + next(_numbers)),
                "name": "goa_monsoon_offer",
                "language": "en",
                "category": "MARKETING",
                "status": "APPROVED",
                "components": [
                    {"type": "BODY", "text": body, "example": {"body_text": [["Asha", "Goa"]]}},
                    {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Interested"}]},
                ],
                "synced_at": clock.now(),
            }
            | columns
        )
    )


def make_customer(**columns: Any) -> Customer:
    """An opted-in customer with an Indian number of its own."""
    number = next(_numbers)
    return _add(
        Customer(
            **{
                "phone": f"+9198{number:08d}",
                "name": f"Asha {number}",
                "city": "Pune",
                "marketing_opt_in": True,
                "marketing_opt_in_at": clock.now() - timedelta(days=30),
            }
            | columns
        )
    )


def make_sale(customer: Customer | None = None, **columns: Any) -> Sale:
    """A journey to Bali, booked ten days ago."""
    return _add(
        Sale(
            **{
                "customer_id": customer.id if customer else None,
                "amount": Decimal("48500"),
                "currency": "INR",
                "category": "Bali",
                "product": "Bali, 6 nights",
                "sold_at": clock.now() - timedelta(days=10),
                "starts_on": (clock.now() + timedelta(days=30)).date(),
                "source": "form",
            }
            | columns
        )
    )


def make_campaign(template: MessageTemplate | None = None, **columns: Any) -> Campaign:
    """A campaign ready to start, without recipients; one that is sending has begun."""
    template = template or make_template()
    if columns.get("status") is CampaignStatus.SENDING:
        columns = {"started_at": clock.now()} | columns
    return _add(
        Campaign(
            **{
                "name": "Monsoon",
                "channel_id": template.channel_id,
                "template_id": template.id,
                "template_variables": {
                    "body.1": {"source": "field", "value": "name", "fallback": "there"},
                    "body.2": {"source": "text", "value": "Goa"},
                },
                "target_type": TargetType.ALL,
                "status": CampaignStatus.READY,
            }
            | columns
        )
    )


def make_recipients(
    campaign: Campaign, number: int, first_phone: int = 919800000001, **columns: Any
) -> list[Recipient]:
    """`number` pending recipients with phones counted up from `first_phone`."""
    recipients = [
        Recipient(
            **{"campaign_id": campaign.id, "position": i + 1, "phone": f"+{first_phone + i}", "name": f"P{i}"} | columns
        )
        for i in range(number)
    ]
    db.session.add_all(recipients)
    db.session.flush()
    return recipients


def _add(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row

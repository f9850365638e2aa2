"""Webhooks that another project collected, digested by ours: none lost, no fault."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask

from app.customers.models import Customer
from app.extensions import db
from app.messaging.models import Message, StrayStatus
from app.webhooks.models import WebhookEvent
from tests import factories
from tests.meta import test_corpora as corpora
from tests.webhooks.digesting import NUMBER, digest

pytestmark = corpora.pytestmark


def ours(name: str, webhook: object) -> bytes:
    """As if it were for our number, each message another one, each placeholder something like a number."""
    written = re.sub(r'"phone_number_id": "[^"]*"', f'"phone_number_id": "{NUMBER}"', json.dumps(webhook))
    written = re.sub(r'("id": ")(wamid[^"]*|<WHATSAPP_MESSAGE_ID>)"', rf'\1wamid.{name}"', written)
    return re.sub(r"<[A-Z_]*PHONE_NUMBER>", "16505551234", written).encode()


@pytest.fixture(autouse=True)
def digested(app: Flask) -> None:
    factories.make_channel()
    digest(*(ours(name, webhook) for name, webhook in corpora.WEBHOOKS.items()))


def test_it_digests_each_without_a_fault() -> None:
    events = db.session.query(WebhookEvent).all()
    assert len(events) == 74
    assert [(event.kinds, event.error) for event in events if event.error or not event.digested_at] == []


def test_every_message_and_status_of_them_is_kept() -> None:
    told = [kinds[0] for kinds in corpora.table().values()]
    inbound = [kind for kind in told if kind.startswith(("messages.", "user_preferences"))]
    inbound = [kind for kind in inbound if kind != "messages.statuses"]
    assert db.session.query(Message).filter_by(direction="in").count() == len(inbound)
    assert db.session.query(StrayStatus).count() == 7
    assert db.session.query(Customer).filter(Customer.phone.is_not(None)).count() > 0

"""One message to one person passes the gate of campaigns, with the same facts."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from threading import Thread
from time import sleep
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.auth import workspace
from app.customers.models import Customer
from app.customers.service import suppression
from app.extensions import db
from app.message_templates.models import MessageTemplate
from app.messaging.engine import direct, guard
from app.messaging.models import Conversation, Message
from app.shared import clock
from app.shared.errors import Refused
from tests import factories

ASHA = "+919800000001"
VALUES = {"body.1": "Asha", "body.2": "Goa"}


@pytest.fixture
def template(app: Flask) -> MessageTemplate:
    return factories.make_template()


@pytest.fixture
def asha(template: MessageTemplate) -> Customer:
    return factories.make_customer(phone=ASHA)


def prepare(template: MessageTemplate, limit: int | None = None, **columns: Any) -> direct.Prepared:
    request = direct.Request(template.channel, template, ASHA, VALUES, limit, "Asia/Kolkata", None, **columns)
    prepared = direct.prepare(request)
    db.session.commit()
    return prepared


def test_the_third_within_a_week_is_refused(template: MessageTemplate, asha: Customer) -> None:
    prepare(template)
    prepare(template)
    with pytest.raises(Refused, match="as much marketing within seven days"):
        prepare(template)


def test_order_notices_are_no_marketing(template: MessageTemplate, asha: Customer) -> None:
    template.category = "UTILITY"
    assert all(prepare(template) for _ in range(4))


def test_trials_are_neither_refused_by_the_cap_nor_counted(template: MessageTemplate, asha: Customer) -> None:
    workspace.current().marketing_cap = 1
    prepare(template, is_trial=True)
    prepare(template, is_trial=True)
    prepare(template)
    prepare(template, is_trial=True)
    assert [one.is_trial for one in db.session.query(Message).order_by(Message.id)] == [True, True, False, True]


def test_whoever_is_suppressed_gets_none(template: MessageTemplate, asha: Customer) -> None:
    asha.user_id = "IN.1"
    suppression.suppress(["IN.1"], "erased")
    with pytest.raises(Refused, match="never get marketing again"):
        prepare(template)


def test_canada_may_be_written_to_where_the_workspace_says_so(template: MessageTemplate) -> None:
    request = direct.Request(template.channel, template, "+16135550123", VALUES, None, "UTC", None, is_trial=True)
    with pytest.raises(Refused, match="\\+1 numbers"):
        direct.prepare(request)
    workspace.current().spares_only_us_area_codes = True
    assert direct.prepare(request).contact == "+16135550123"


def test_an_open_window_needs_no_place(template: MessageTemplate, asha: Customer) -> None:
    ends = clock.now() + timedelta(hours=1)
    db.session.add(Conversation(channel_id=template.channel_id, customer_id=asha.id, window_expires_at=ends))
    prepare(template, limit=0)
    assert guard.usage(template.channel.portfolio_id, None).used == 0


@pytest.mark.parametrize(
    "news", ["UPDATE customers SET marketing_opt_in = false", "UPDATE message_templates SET status = 'PAUSED'"]
)
def test_what_changes_while_it_waits_for_its_turn_counts(
    app: Flask, template: MessageTemplate, asha: Customer, news: str
) -> None:
    def ask() -> None:
        with app.app_context(), suppress(Refused):
            prepare(db.session.query(MessageTemplate).one())

    db.session.commit()
    guard.hold(template.channel.portfolio_id)
    thread = Thread(target=ask)
    thread.start()
    sleep(0.5)
    db.session.execute(text(news))
    db.session.commit()
    thread.join()
    assert db.session.query(Message).count() == 0

"""Texts that wait leave once, within the window, by the one way out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.customers.models import Customer
from app.extensions import db
from app.messaging import jobs
from app.messaging.engine import replies
from app.messaging.models import Conversation, Message, MessageState
from app.shared.errors import Invalid
from tests import factories
from tests.sandboxes import Sandbox


def write(*, window_hours: float = 20, **columns: object) -> Message:
    """A waiting text to somebody who wrote lately."""
    channel = factories.make_channel()
    customer = factories.make_customer(**columns)
    expires = datetime.now(UTC) + timedelta(hours=window_hours)
    db.session.add(Conversation(channel_id=channel.id, customer_id=customer.id, window_expires_at=expires))
    message = replies.write_text(channel.id, customer, "Done.")
    db.session.commit()
    return message


def send(message: Message) -> Message:
    jobs.send_waiting(message.id)
    db.session.expire_all()
    return message


def open_in_sandbox(sandbox: Sandbox, message: Message) -> None:
    sandbox.control("POST", "inbound", **{"from": str(message.phone).removeprefix("+"), "type": "text", "text": "Hi"})


def accepted(sandbox: Sandbox) -> int:
    return len(sandbox.control("GET", "messages")["messages"])


def test_a_waiting_text_leaves_once(sandbox: Sandbox) -> None:
    message = write()
    open_in_sandbox(sandbox, message)
    assert send(message).state is MessageState.ACCEPTED
    send(message)
    assert accepted(sandbox) == 1


def test_outside_the_window_it_stays_with_a_reason(nobody: None, app: Flask) -> None:
    message = send(write(window_hours=-1))
    assert (message.state, message.error_code) == (MessageState.FAILED, replies.WINDOW_CLOSED)
    assert "24 hours" in (message.error_message or "")


def test_a_restricted_account_sends_nothing(nobody: None, app: Flask) -> None:
    message = write()
    factories.db.session.query(factories.Channel).update({"restriction": "RESTRICTED_BIZ_INITIATED_MESSAGING"})
    db.session.commit()
    assert send(message).state is MessageState.FAILED


def test_what_never_left_waits_for_another_time(nobody: None, app: Flask) -> None:
    message = send(write())
    assert (message.state, replies.waiting()) == (MessageState.CREATED, [message.id])


def test_an_unclear_outcome_is_never_sent_again(sandbox: Sandbox) -> None:
    message = write()
    open_in_sandbox(sandbox, message)
    sandbox.control("PUT", "config", faults={"accept_then_drop_rate": 1})
    assert send(message).state is MessageState.UNCONFIRMED
    send(message)
    assert accepted(sandbox) == 1


def test_a_text_goes_to_somebody_without_a_phone(sandbox: Sandbox) -> None:
    message = write(phone=None, user_id="IN.77")
    taken = replies.take(message.id)
    assert taken is not None
    assert (taken.outgoing.payload["recipient"], "to" in taken.outgoing.payload) == ("IN.77", False)


@pytest.mark.parametrize("body", ["", "  ", "x" * 5000])
def test_a_text_that_meta_would_refuse_is_not_written(app: Flask, body: str) -> None:
    channel, customer = factories.make_channel(), factories.make_customer()
    with pytest.raises(Invalid):
        replies.write_text(channel.id, customer, body)
    assert db.session.query(Customer).count() == 1

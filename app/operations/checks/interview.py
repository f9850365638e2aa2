"""What Meta says when it is asked once about everything: the token, the number, the account, the subscription."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from app import config
from app.channels.queries import QUICK_TIMEOUT, quick_transport_for, the_channel
from app.extensions import db
from app.meta.errors import MetaError, MetaFailure
from app.meta.phone_numbers import BusinessAccount, PhoneNumber, TokenFacts, debug_token, read_phone_number, read_waba
from app.meta.subscriptions import list_subscribed_apps
from app.meta.time_of_day import read_clock
from app.shared import clock

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Told:
    """Meta's answers; None where it gave none, and in `failures` why, by the answer's name.

    `apps` are the ids of the subscribed apps; `skew` is how far Meta's clock is ahead of ours.
    """

    number: PhoneNumber | None = None
    account: BusinessAccount | None = None
    token: TokenFacts | None = None
    apps: tuple[str, ...] | None = None
    skew: timedelta | None = None
    failures: dict[str, MetaFailure] = field(default_factory=dict)

    @property
    def is_silent(self) -> bool:
        """Meta did not answer at all: asking on would only take time."""
        return any(not isinstance(failure, MetaError) for failure in self.failures.values())


def interview() -> Told | None:
    """Ask Meta about the channel; None where there is none. Each call is made once and given up after 10 seconds."""
    if (channel := the_channel()) is None:
        return None
    phone_number_id, waba_id, token = channel.phone_number_id, channel.waba_id, channel.token
    transport, told = quick_transport_for(channel), Told()
    db.session.rollback()  # no transaction may stay open across the network
    try:
        told.number = _ask(told, "number", lambda: read_phone_number(transport, phone_number_id))
        told.token = _ask(told, "token", lambda: debug_token(transport, token))
        told.account = _ask(told, "account", lambda: read_waba(transport, waba_id))
        told.apps = _ask(told, "apps", lambda: tuple(list_subscribed_apps(transport, waba_id)))
        told.skew = _ask(told, "skew", _skew)
    finally:
        transport.close()
    return told


def _ask(told: Told, name: str, question: Callable[[], Answer]) -> Answer | None:
    if told.is_silent:
        return None
    try:
        return question()
    except MetaFailure as failure:
        told.failures[name] = failure
        return None


def _skew() -> timedelta | None:
    """Meta's clock minus ours in the middle of the call."""
    asked_at = clock.now()
    theirs = read_clock(config.current().graph_url, QUICK_TIMEOUT)
    return None if theirs is None else theirs - (asked_at + (clock.now() - asked_at) / 2)

"""The table of checks. The Setup page, the API and `flask doctor` ask these and no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from cryptography.fernet import InvalidToken
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.operations.checks import account, clocks, database, doorbell, machine, number, round_trip, token, webhook
from app.operations.checks.findings import Diagnosis, Finding, Group
from app.operations.checks.interview import Told, interview

Check = Callable[[], Finding | None]

READY: tuple[Callable[[], Finding], ...] = (
    database.database,
    doorbell.redis,
    database.migrations,
    doorbell.worker,
    doorbell.scheduler,
)
HOUSE: tuple[Check, ...] = (
    database.database,
    database.migrations,
    database.time_zones,
    clocks.clock_of_database,
    doorbell.redis,
    doorbell.redis_memory,
    doorbell.worker,
    doorbell.scheduler,
    doorbell.failed_jobs,
    machine.disk,
    machine.storage,
    machine.secret_key,
    machine.field_encryption,
)
# These read what Meta told: whatever it did not tell has no finding of its own.
OF_META: tuple[Callable[[Told], Finding | None], ...] = (
    token.token_kind,
    token.app,
    token.permissions,
    token.expiry,
    number.number_status,
    number.display_name,
    number.quality,
    number.sending,
    number.throughput,
    number.limit,
    account.review,
    clocks.clock_of_meta,
)
OF_ACCOUNT: tuple[Check, ...] = (account.restriction, account.templates)
WEBHOOK: tuple[Check, ...] = (
    webhook.address,
    webhook.secrets,
    webhook.handshake,
    round_trip.round_trip,
    webhook.arrivals,
)


def readiness() -> list[Finding]:
    """Whether this house can work now; cheap, and asks nobody outside."""
    return [check() for check in READY]


def first_look() -> Diagnosis:
    """What can be known without leaving the house; quick."""
    return Diagnosis({Group.HOUSE: list(_ask(HOUSE))}, is_whole=False)


def diagnosis() -> Diagnosis:
    """Everything the doctor knows to ask. Asks Meta and posts to our own webhook address: may take some seconds."""
    told = _interview()
    meta = [partial(check, told) for check in OF_META] if told else []
    webhooks = [partial(webhook.subscription, told)] if told else []
    groups = {
        Group.META: list(_ask((account.connection, partial(token.access_token, told), *meta, *OF_ACCOUNT))),
        Group.WEBHOOK: list(_ask((*webhooks, *WEBHOOK))),
        Group.HOUSE: list(_ask(HOUSE)),
    }
    return Diagnosis(groups, is_whole=True)


def _ask(checks: Sequence[Check]) -> Iterator[Finding]:
    """The findings. With the database or its secrets closed most questions have no answer; the house's say so."""
    for check in checks:
        try:
            finding = check()
        except (SQLAlchemyError, InvalidToken):
            db.session.rollback()
            continue
        if finding is not None:
            yield finding


def _interview() -> Told | None:
    try:
        return interview()
    except (SQLAlchemyError, InvalidToken):
        db.session.rollback()
        return None

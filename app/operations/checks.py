"""The doctor's questions. Each is asked alone and answered by a finding: a sentence, and what to do about it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache

from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import config
from app.channels.failures import sentence_of
from app.channels.models import Channel
from app.channels.queries import quick_transport_for, the_channel
from app.extensions import db, redis_connection
from app.meta import signature
from app.meta.errors import MetaFailure
from app.meta.phone_numbers import read_phone_number
from app.operations import pulse, queries
from app.shared import clock

OLDEST_POSTGRESQL = 15
LATE = timedelta(minutes=2)  # a webhook undigested for so long is no mere queue
SKEW = timedelta(seconds=5)
LITTLE_DISK, NO_DISK = 2 * 1024**3, 256 * 1024**2
START_WORKER = "Start one: python worker.py"
START_SCHEDULER = "Start one: python worker.py --scheduler"
ENSURE_CHANNEL = "Run: flask channels ensure"


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `fix` is empty when all is well."""

    name: str
    level: Level
    sentence: str
    fix: str = ""


def readiness() -> list[Finding]:
    """Whether this house can work now; cheap, and asks nobody outside."""
    return [check() for check in (database, redis, migrations, worker, scheduler)]


def diagnosis() -> list[Finding]:
    """Everything the doctor knows to ask; reads the phone number from Meta."""
    return [_carefully(check) for check in CHECKS]


def _carefully(check: Callable[[], Finding]) -> Finding:
    """With the database away most questions have no answer; that is a finding, not a crash."""
    try:
        return check()
    except SQLAlchemyError:
        db.session.rollback()
        return _bad(check.__name__.replace("_", " ").capitalize(), "The database gave no answer.", "See Database.")


def database() -> Finding:
    """PostgreSQL answers and is young enough."""
    try:
        version = int(db.session.scalar(text("SHOW server_version_num")) or 0) // 10_000
    except SQLAlchemyError:
        db.session.rollback()
        return _bad("Database", "PostgreSQL cannot be reached.", "Check DATABASE_URL and that the server runs.")
    if version < OLDEST_POSTGRESQL:
        return _bad("Database", f"PostgreSQL {version} is too old.", f"Upgrade to {OLDEST_POSTGRESQL} or newer.")
    return _ok("Database", f"PostgreSQL {version} answers.")


def redis() -> Finding:
    """Redis answers."""
    try:
        redis_connection().ping()
    except RedisError:
        return _bad("Redis", "Redis cannot be reached.", "Check REDIS_URL and that the server runs.")
    return _ok("Redis", "Redis answers.")


def redis_memory() -> Finding:
    """Redis throws no job away and finds its queues again after a restart."""
    try:
        facts = redis_connection().info()
    except RedisError:
        return _bad("Redis memory", "Redis cannot be asked.", "See Redis.")
    policy = facts.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        return _bad("Redis memory", f"Redis may throw jobs away ({policy}).", "Set maxmemory-policy noeviction.")
    if not facts.get("aof_enabled"):
        sentence = "Redis keeps no log (appendonly no): a restart of Redis delays work."
        return _warn("Redis memory", sentence, "Set appendonly yes.")
    return _ok("Redis memory", "Redis throws nothing away and keeps a log.")


def migrations() -> Finding:
    """The tables are those this program expects."""
    try:
        current = MigrationContext.configure(db.session.connection()).get_current_revision()
    except SQLAlchemyError:
        db.session.rollback()
        return _bad("Migrations", "The database gave no answer.", "See Database.")
    if current != (head := _head(str(current_app.extensions["migrate"].directory))):
        sentence = f"The database stands at {current or 'nothing'}, the program at {head}."
        return _bad("Migrations", sentence, "Run: flask db upgrade")
    return _ok("Migrations", f"All are applied ({head}).")


@cache
def _head(directory: str) -> str | None:
    settings = AlembicConfig()
    settings.set_main_option("script_location", directory)
    return ScriptDirectory.from_config(settings).get_current_head()


def worker() -> Finding:
    """Somebody works, and every queue is served."""
    now = pulse.take()
    if not now.workers:
        return _bad("Worker", "No worker runs." if now.workers == 0 else "Nobody knows: Redis is away.", START_WORKER)
    if now.unserved:
        fix = f"Start one: python worker.py {' '.join(now.unserved)}"
        return _bad("Worker", f"No worker serves {' and '.join(now.unserved)}.", fix)
    return _ok("Worker", f"{now.workers} at work." if now.workers > 1 else "One at work.")


def scheduler() -> Finding:
    """Somebody ticks."""
    ticked_at = pulse.take().ticked_at
    if ticked_at is None:
        return _bad("Scheduler", "No tick within a minute.", START_SCHEDULER)
    return _ok("Scheduler", f"It ticked {_seconds(clock.now() - ticked_at)} ago.")


def access_token() -> Finding:
    """Meta knows the token and the phone number. No transaction is open while we ask."""
    if (channel := the_channel()) is None:
        return _bad("Access token", "No WhatsApp number is connected.", ENSURE_CHANNEL)
    phone_number_id, transport = channel.phone_number_id, quick_transport_for(channel)
    db.session.rollback()
    try:
        number = read_phone_number(transport, phone_number_id)
    except MetaFailure as failure:
        return _bad("Access token", sentence_of(failure), "Check WHATSAPP_ACCESS_TOKEN and WHATSAPP_PHONE_ID.")
    finally:
        transport.close()
    return _ok("Access token", f"Meta answers for {number.display_phone_number or phone_number_id}.")


def webhook_secret() -> Finding:
    """A body signed with the app secret passes our own door, and a changed one does not."""
    channel = the_channel()
    if channel is None or not channel.app_secret:
        return _bad("Webhook secret", "There is no app secret: every webhook is refused.", "Set WHATSAPP_APP_SECRET.")
    if channel.app_secret != config.current().app_secret:
        return _bad("Webhook secret", "The channel holds another app secret than the settings.", ENSURE_CHANNEL)
    return _signature(channel)


def _signature(channel: Channel) -> Finding:
    body = b'{"object":"whatsapp_business_account","note":"\\u092a\\u093e\\u0920"}'
    header = signature.sign(channel.app_secret, body)
    passes = signature.is_valid(channel.app_secret, body, header)
    if not passes or signature.is_valid(channel.app_secret, body + b" ", header):
        return _bad("Webhook secret", "A webhook we signed was not judged rightly.", "Replace WHATSAPP_APP_SECRET.")
    return _ok("Webhook secret", "A webhook signed with it passes, a changed one does not.")


def webhooks() -> Finding:
    """Meta posts, and what it posts is digested."""
    health = queries.webhook_health()
    if health.oldest_at and clock.now() - health.oldest_at > LATE:
        sentence = f"{health.undigested} wait, the oldest for {_seconds(clock.now() - health.oldest_at)}."
        return _bad("Webhooks", sentence, "Start a worker for the queue receipts.")
    if health.last_at is None:
        address = f"{config.current().public_url}/webhooks/whatsapp"
        return _warn("Webhooks", "None has come yet.", f"Give Meta this address: {address}")
    return _ok("Webhooks", f"The last came {_seconds(clock.now() - health.last_at)} ago; {health.undigested} wait.")


def disk() -> Finding:
    """There is room for uploads."""
    folder = next(path for path in (config.current().var_dir, *config.current().var_dir.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    words = f"{free / 1024**3:.1f} GB are free for files."
    if free < NO_DISK:
        return _bad("Disk", words, "Free some: uploads and the embedded servers will fail.")
    return _warn("Disk", words, "Free some soon.") if free < LITTLE_DISK else _ok("Disk", words)


def time_of_day() -> Finding:
    """This machine and the database agree on the time: leases and limits are measured with both."""
    theirs = db.session.execute(text("SELECT clock_timestamp()")).scalar_one()
    skew = abs(clock.now() - theirs)
    if skew > SKEW:
        sentence = f"This machine and the database are {_seconds(skew)} apart."
        return _bad("Clock", sentence, "Let both keep their time by NTP.")
    return _ok("Clock", "This machine and the database agree on the time.")


CHECKS: tuple[Callable[[], Finding], ...] = (
    database,
    migrations,
    redis,
    redis_memory,
    worker,
    scheduler,
    access_token,
    webhook_secret,
    webhooks,
    disk,
    time_of_day,
)


def _seconds(span: timedelta) -> str:
    return queries.in_words(span)


def _ok(name: str, sentence: str) -> Finding:
    return Finding(name, Level.OK, sentence)


def _warn(name: str, sentence: str, fix: str) -> Finding:
    return Finding(name, Level.WARN, sentence, fix)


def _bad(name: str, sentence: str, fix: str) -> Finding:
    return Finding(name, Level.BAD, sentence, fix)

"""Bare extension objects. The factory binds them to the application; every room may import them."""

from __future__ import annotations

import time
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import inf
from typing import Any

import redis
from flask import current_app
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import BigInteger, DateTime, Engine, Enum, Identity, MetaData, Numeric, Text, event, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

# Names of constraints must not depend on who created them, or migrations cannot drop them.
NAMING_CONVENTION = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

IDLE_SECONDS = 1.0  # a connection that was in use so lately needs no look


class Base(DeclarativeBase):
    """Every table's parent: text without lengths, times with a zone, JSON as JSONB."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = {
        str: Text(),
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(),
        list[Any]: JSONB(),
        list[str]: JSONB(),
        Decimal: Numeric(12, 2),
        # As text: psql stays readable, and a new state needs no ALTER TYPE.
        StrEnum: Enum(StrEnum, native_enum=False, length=None, values_callable=lambda kind: [m.value for m in kind]),
    }


class Row:
    """The columns every table has: an inner number and the times of its making and last change."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, sort_order=-10)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=90)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now(), sort_order=91)


db = SQLAlchemy(metadata=Base.metadata, disable_autonaming=True)
migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address)
babel = Babel()


def ping_when_idle(engine: Engine) -> None:
    """Let the engine look whether a connection is still there, before it is used after a rest.

    SQLAlchemy's own `pool_pre_ping` asks before every transaction: a round trip for each that a sender makes.
    """

    @event.listens_for(engine, "checkin")
    def rest(connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ping(connection: Any, record: ConnectionPoolEntry, proxy: PoolProxiedConnection) -> None:
        if time.monotonic() - record.info.get("idle_since", inf) < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error


def redis_connection() -> redis.Redis:
    """The application's connection pool to Redis. Raw bytes: RQ needs them undecoded."""
    connection: redis.Redis = current_app.extensions["redis"]
    return connection

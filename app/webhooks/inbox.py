"""The inbox: what Meta posts, durable in PostgreSQL before anybody is told 200.

Each thread keeps a connection of its own beside the pool, so that storing a body is one statement and one round trip:
no BEGIN, no COMMIT, no question whether the connection still lives. The statement is its own transaction. It goes
through libpq itself, prepared once: one call that waits without the interpreter's lock costs a third of a cursor's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from threading import local

import psycopg
from flask import current_app
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn

from app.extensions import db
from app.shared.ids import uuid7

KEPT_AS = "webhooks.inbox"
STATEMENT = b"keep_webhook"
BINARY = (1, 1, 1, 1)  # how each value is written


class Inbox:
    """Stores bodies for all threads of a process."""

    def __init__(self, connect: Callable[[], psycopg.Connection]) -> None:
        self._connect = connect
        self._own = local()

    def keep(self, body: bytes, fault: str | None = None) -> None:
        """Return when `body` is stored; the same bytes are stored once. With a `fault` it is not digested.

        Raises psycopg.Error when it is not known to be stored.
        """
        try:
            self._store(body, fault)
        except psycopg.Error:
            # The server may have closed a kept connection long ago. What was stored after all is not stored twice.
            self.hang_up()
            self._store(body, fault)

    def hang_up(self) -> None:
        """Close this thread's connection; the next body takes a new one."""
        connection: psycopg.Connection | None = getattr(self._own, "connection", None)
        self._own.connection = None
        if connection is not None:
            connection.close()

    def _store(self, body: bytes, fault: str | None) -> None:
        values = [uuid7().bytes, body, hashlib.sha256(body).digest(), (fault or "").encode()]
        result = self._line().exec_prepared(STATEMENT, values, BINARY)
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result)

    def _line(self) -> PGconn:
        """This thread's connection, which has the statement prepared."""
        if getattr(self._own, "connection", None) is None:
            connection = self._connect()
            prepared = connection.pgconn.prepare(STATEMENT, _INSERT)
            if prepared.status != ExecStatus.COMMAND_OK:
                connection.close()
                raise error_from_result(prepared)
            self._own.connection = connection
        line: PGconn = self._own.connection.pgconn
        return line


def the_inbox() -> Inbox:
    """This process's inbox."""
    kept: Inbox = current_app.extensions.setdefault(KEPT_AS, Inbox(_own_connection))
    return kept


def _own_connection() -> psycopg.Connection:
    """A connection made as the application's are, but out of the pool, and each statement a transaction."""
    pooled = db.engine.raw_connection()
    connection = pooled.driver_connection
    assert isinstance(connection, psycopg.Connection)
    pooled.detach()
    connection.autocommit = True
    return connection


_INSERT = b"""
    INSERT INTO webhook_events (public_id, body, digest, error, digested_at)
    VALUES ($1::uuid, $2::bytea, $3::bytea, nullif($4::text, ''), CASE WHEN $4 <> '' THEN statement_timestamp() END)
    ON CONFLICT DO NOTHING
"""

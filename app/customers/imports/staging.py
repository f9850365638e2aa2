"""The way of rows into the database: COPY into a temporary table, from which one statement takes them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.customers.imports.kinds import STAGED
from app.extensions import db


def create(columns: Mapping[str, str]) -> None:
    """The temporary table, empty; gone at the transaction's end."""
    declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    db.session.connection().exec_driver_sql(f"CREATE TEMP TABLE {STAGED} ({declared}) ON COMMIT DROP")


def fill(columns: Mapping[str, str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Put rows into the temporary table, their values in the order of its columns."""
    copy_rows(f"{STAGED} ({', '.join(columns)})", rows)


def copy_rows(target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """COPY `rows` into `target` (a table and its columns), within the session's transaction."""
    driver: Any = db.session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)

"""The database as the trial asks it: the server may be away for a while."""

from __future__ import annotations

import time
from typing import Any

import psycopg

PATIENCE = 120.0  # seconds that the server may take to come back


class Ledger:
    """Asks with a connection of its own each time, and again when the server goes away meanwhile."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows that `query` answers, none for a change; it must be safe to run twice."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with psycopg.connect(self._url, autocommit=True) as connection:
                    cursor = connection.execute(query.encode(), values)
                    return cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def number(self, query: str, *values: Any) -> int:
        """The one number that `query` answers."""
        return int(self.ask(query, *values)[0][0])

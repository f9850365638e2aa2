"""The figures counted anew from the rows: to prove the counter rows right, or to make them so."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from app.campaigns.queries.figures import COUNTS
from app.extensions import db

# When a row counts for a figure; the triggers of migration 0003 say the same.
OF_RECIPIENTS = {
    "total": "true",
    "pending": "state = 'pending'",
    "waiting": "state = 'pending' AND waits_for IS NOT NULL",
    "skipped": "state = 'skipped'",
}
OF_MESSAGES = {
    "sending": "state IN ('created', 'sending')",
    "unconfirmed": "state = 'unconfirmed'",
    "accepted": "state = 'accepted'",
    "failed": "rank = 20",
    "delivered": "rank >= 30",
    "read": "rank >= 40",
    "responded": "responded_at IS NOT NULL",
    "clicked": "clicked_at IS NOT NULL",
    "opted_out": "opted_out_at IS NOT NULL",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that is not what its rows say."""

    campaign_id: int
    figure: str
    kept: int
    counted: int


def differences() -> list[Difference]:
    """Every figure that differs from a count of the rows, compared in one snapshot."""
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        counted = _figures(connection, _COUNTED)
        kept = _figures(connection, _KEPT)
    return [
        Difference(campaign_id, name, kept[campaign_id][name], counted[campaign_id][name])
        for campaign_id in sorted(counted)
        for name in COUNTS
        if kept[campaign_id][name] != counted[campaign_id][name]
    ]


def rebuild() -> int:
    """Write every campaign's figures anew from its rows; how many campaigns there are.

    Senders wait meanwhile: their triggers need the table that is locked here. The caller commits.
    """
    db.session.execute(text("LOCK TABLE campaign_progress IN EXCLUSIVE MODE"))
    db.session.execute(text("DELETE FROM campaign_progress"))
    names = ", ".join(COUNTS)
    rows = db.session.execute(
        text(f"INSERT INTO campaign_progress (campaign_id, shard, {names}) SELECT id, 0, {names} FROM ({_COUNTED}) n")
    )
    return int(rows.rowcount)  # type: ignore[attr-defined]  # of a CursorResult


def _figures(connection: Connection, query: str) -> dict[int, dict[str, int]]:
    return {row["id"]: {name: int(row[name]) for name in COUNTS} for row in connection.execute(text(query)).mappings()}


def _counts(figures: dict[str, str], table: str, which: str) -> str:
    columns = ", ".join(f"count(*) FILTER (WHERE {when}) AS {name}" for name, when in figures.items())
    return f"SELECT campaign_id, {columns} FROM {table} WHERE {which} GROUP BY campaign_id"


def _or_zero(names: tuple[str, ...]) -> str:
    return ", ".join(f"coalesce({name}, 0) AS {name}" for name in names)


_COUNTED = f"""
    SELECT c.id, {_or_zero(COUNTS)} FROM campaigns c
    LEFT JOIN ({_counts(OF_RECIPIENTS, "recipients", "true")}) r ON r.campaign_id = c.id
    LEFT JOIN ({_counts(OF_MESSAGES, "messages", "campaign_id IS NOT NULL AND NOT is_superseded")}) m
      ON m.campaign_id = c.id"""
_KEPT = f"""
    SELECT c.id, {_or_zero(COUNTS)} FROM campaigns c
    LEFT JOIN (SELECT campaign_id, {", ".join(f"sum({name}) AS {name}" for name in COUNTS)}
               FROM campaign_progress GROUP BY campaign_id) p ON p.campaign_id = c.id"""

"""What was judged of staged rows, counted and named."""

from __future__ import annotations

from sqlalchemy import text

from app.customers.imports.kinds import Fault, Tally
from app.extensions import db

_COUNTS = {"new": "inserted", "update": "updated", "same": "unchanged", "duplicate": "duplicates", "invalid": "invalid"}


def tally(judged: str, most_faults: int | None = None) -> Tally:
    """The figures of a table of verdicts, with the rows behind duplicates and invalid: all, or the first so many."""
    found = Tally()
    counted = f"SELECT verdict, count(*), count(*) FILTER (WHERE is_suppressed) FROM {judged} GROUP BY verdict"  # noqa: S608
    for verdict, count, suppressed in db.session.execute(text(counted)):
        setattr(found, _COUNTS[verdict], count)
        found.suppressed += suppressed
    unused = f"""
        SELECT row_number, reason, verdict = 'duplicate' FROM {judged} WHERE reason IS NOT NULL
        ORDER BY row_number LIMIT :most
    """  # noqa: S608
    found.faults = [Fault(*row) for row in db.session.execute(text(unused), {"most": most_faults})]
    return found

"""The fast way of many contacts into a campaign: COPY into a staging table, then one set-based insert.

All of it in the caller's transaction; the staging table is gone at its end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import text

from app.extensions import db
from app.shared.csv_table import Contact


@dataclass(frozen=True, slots=True)
class Inserted:
    """The rows that became recipients, and how many of those are skipped because they opted out."""

    rows: set[int]
    suppressed: int


class Fault(NamedTuple):
    """A row that was not used, why, and its text."""

    row: int
    reason: str
    original: str
    is_duplicate: bool


_STAGE = """
CREATE TEMP TABLE staged_contacts
    (row_number int, phone text, name text, variables jsonb) ON COMMIT DROP
"""

# The file's order is the order of insertion, so of two rows with one number the first stays.
_INSERT = text("""
INSERT INTO recipients (campaign_id, customer_id, position, phone, name, variables, state, skip_reason)
SELECT :campaign, c.id, :first + s.row_number, s.phone, coalesce(s.name, c.name), s.variables,
       CASE WHEN no.said THEN 'skipped' ELSE 'pending' END,
       CASE WHEN no.said THEN 'opted_out' END
FROM staged_contacts s
LEFT JOIN customers c ON c.phone = s.phone
CROSS JOIN LATERAL (SELECT c.marketing_opt_out_at IS NOT NULL AND NOT c.marketing_opt_in AS said) no
ORDER BY s.row_number
ON CONFLICT DO NOTHING
RETURNING position - :first, state
""")

# Asked for a list and not joined: of a table filled this second the planner knows nothing, and a wrong join
# reads the whole campaign for every row. A list costs one pass at worst.
_STANDING = text("""
SELECT phone, position - :first AS number FROM recipients WHERE campaign_id = :campaign AND phone = ANY(:phones)
""")


def insert_contacts(campaign_id: int, first_position: int, contacts: Iterable[Contact]) -> Inserted:
    """Make recipients of `contacts` at `first_position` + row, none for a number the campaign has already."""
    db.session.execute(text(_STAGE))
    copy_rows(
        "staged_contacts (row_number, phone, name, variables)",
        ((c.row, c.phone, c.name, json.dumps(c.variables)) for c in contacts),
    )
    added = db.session.execute(_INSERT, {"campaign": campaign_id, "first": first_position}).all()
    return Inserted({row for row, _ in added}, sum(state == "skipped" for _, state in added))


def rows_of(campaign_id: int, first_position: int, phones: list[str]) -> dict[str, int]:
    """The row each number stands in; zero or less where it came into the campaign before this file."""
    standing = db.session.execute(_STANDING, {"campaign": campaign_id, "first": first_position, "phones": phones})
    return {row.phone: row.number for row in standing}


def note_faults(import_id: int, faults: Iterable[Fault]) -> None:
    """Keep the rows that were not used."""
    copy_rows(
        "import_errors (import_id, row_number, reason, original, is_duplicate)",
        ((import_id, *fault) for fault in faults),
    )


def copy_rows(target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """COPY `rows` into `target` (a table and its columns), within the session's transaction."""
    driver: Any = db.session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)

"""The fast way of many contacts into a campaign: staged by COPY, then one set-based insert.

All of it in the caller's transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.customers.imports import staging
from app.customers.imports.kinds import STAGED
from app.extensions import db
from app.shared.csv_table import Contact

COLUMNS = {"row_number": "int", "phone": "text", "name": "text", "variables": "jsonb"}


@dataclass(frozen=True, slots=True)
class Inserted:
    """The rows that became recipients, and how many of those are skipped because they opted out."""

    rows: set[int]
    suppressed: int


# The file's order is the order of insertion, so of two rows with one number the first stays. Whoever opted out is
# skipped here where the message is marketing; of any other the gate decides.
_INSERT = text(f"""
INSERT INTO recipients (campaign_id, customer_id, position, phone, name, variables, state, skip_reason)
SELECT :campaign, c.id, :first + s.row_number, s.phone, coalesce(s.name, c.name), s.variables,
       CASE WHEN no.said THEN 'skipped' ELSE 'pending' END,
       CASE WHEN no.said THEN 'opted_out' END
FROM {STAGED} s
LEFT JOIN customers c ON c.phone = s.phone
CROSS JOIN LATERAL (
    SELECT c.marketing_opt_out_at IS NOT NULL AND NOT c.marketing_opt_in AND (
        SELECT coalesce(t.category = 'MARKETING', true)
        FROM campaigns k LEFT JOIN message_templates t ON t.id = k.template_id WHERE k.id = :campaign
    ) AS said
) no
ORDER BY s.row_number
ON CONFLICT DO NOTHING
RETURNING position - :first, state
""")  # noqa: S608  the name of our own table

# A subquery and no join: of a table filled this second the planner knows nothing, and a wrong join reads the whole
# campaign for every row.
_STANDING = text(f"""
SELECT s.row_number,
       (SELECT position - :first FROM recipients r WHERE r.campaign_id = :campaign AND r.phone = s.phone) AS standing
FROM {STAGED} s WHERE NOT s.row_number = ANY(:added) ORDER BY s.row_number
""")  # noqa: S608  the name of our own table


def insert_contacts(campaign_id: int, first_position: int, contacts: Iterable[Contact]) -> Inserted:
    """Make recipients of `contacts` at `first_position` + row, none for a number the campaign has already."""
    staging.create(COLUMNS)
    staging.fill(COLUMNS, map(as_staged, contacts))
    return insert_staged(campaign_id, first_position)


def as_staged(contact: Contact) -> tuple[Any, ...]:
    """The contact's values in the order of COLUMNS."""
    return contact.row, contact.phone, contact.name, json.dumps(contact.variables)


def insert_staged(campaign_id: int, first_position: int) -> Inserted:
    """The same of contacts that are staged."""
    added = db.session.execute(_INSERT, {"campaign": campaign_id, "first": first_position}).all()
    return Inserted({row for row, _ in added}, sum(state == "skipped" for _, state in added))


def standing(campaign_id: int, first_position: int, added: Iterable[int]) -> list[tuple[int, int]]:
    """The staged rows but those added, each with the row in which its number stands.

    Zero or less where it came into the campaign before this file.
    """
    asked = {"campaign": campaign_id, "first": first_position, "added": list(added)}
    return [(row.row_number, row.standing) for row in db.session.execute(_STANDING, asked)]

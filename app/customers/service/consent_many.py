"""The yes and no of many customers at once: the ledger's entries and the flags, set-based, together or not at all."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from app.customers.imports.models import Import
from app.extensions import db

_ENTRIES = """
INSERT INTO consent_entries (customer_id, granted, at, source, wording, actor_id, import_id, evidence)
SELECT a.customer_id, a.granted, now(), :source, {wording}, :actor, :import, jsonb_build_object('row', a.row_number)
FROM {answers} a WHERE a.granted IS NOT NULL AND a.customer_id IS NOT NULL ORDER BY a.customer_id
"""

# Who was made with the flag as it must be is not written a second time. An array and no mere join: of a table filled
# this second the planner knows nothing, and a wrong join reads all customers.
_FLAGS = """
UPDATE customers c SET
    marketing_opt_in_at = CASE WHEN a.granted THEN now() ELSE c.marketing_opt_in_at END,
    marketing_opt_out_at = CASE WHEN a.granted THEN c.marketing_opt_out_at ELSE now() END,
    marketing_opt_in = a.granted,
    updated_at = now()
FROM {answers} a
WHERE c.id = ANY(ARRAY(SELECT customer_id FROM {answers} WHERE granted IS NOT NULL))
  AND c.id = a.customer_id AND a.granted IS NOT NULL
  AND (CASE WHEN a.granted THEN c.marketing_opt_in_at ELSE c.marketing_opt_out_at END) IS DISTINCT FROM now()
"""

MAY_BE_TAKEN_BACK = """(
    EXISTS (SELECT FROM consent_entries e WHERE e.customer_id = c.id AND NOT e.granted AND e.import_id <> :import)
    AND NOT EXISTS (
        SELECT FROM consent_entries e WHERE e.customer_id = c.id AND NOT e.granted
          AND (e.import_id = :import OR e.import_id IS NULL AND e.at >= coalesce(c.marketing_opt_in_at, e.at))))"""
"""Whether the no of the customer `c` stands by other files alone, which may be undone: then this one says it, too."""

_THEIRS = "SELECT id, customer_id FROM consent_entries WHERE import_id = :import ORDER BY id LIMIT :most"
_LOCK = "SELECT id FROM customers WHERE id = ANY(:customers) ORDER BY id FOR NO KEY UPDATE"
_FORGET = "DELETE FROM consent_entries WHERE id = ANY(:entries)"

# Files of opt-outs say no and never yes, so the newest yes is what it was.
_FOLLOW = """
UPDATE customers c SET marketing_opt_out_at = said.no, updated_at = now(),
    marketing_opt_in = coalesce(c.marketing_opt_in_at > coalesce(said.no, '-infinity'), false)
FROM (
    SELECT id, (SELECT max(at) FROM consent_entries e WHERE e.customer_id = one.id AND NOT e.granted) AS no
    FROM unnest(CAST(:customers AS bigint[])) one (id)
) said
WHERE c.id = said.id
"""


def record_many(answers: str, import_: Import, source: str, wording: str | None, *, has_wording: bool = False) -> None:
    """Write down what each row of the table `answers` says: `customer_id`, `granted` (null: nothing), `row_number`.

    Each customer stands there once, locked by the caller, who judged whose yes may count. The answers are given now,
    and are therefore the newest. With `has_wording` the table has a column `wording`: what each said, if known.
    """
    asked = {"source": source, "wording": wording or None, "actor": import_.created_by, "import": import_.id}
    words = "coalesce(a.wording, :wording)" if has_wording else ":wording"
    db.session.execute(text(_ENTRIES.format(answers=answers, wording=words)), asked)
    db.session.execute(text(_FLAGS.format(answers=answers)))


def take_back(import_: Import, customer_ids: Sequence[int]) -> None:
    """Forget what the import wrote down of these customers; their flags the caller restores."""
    theirs = text("DELETE FROM consent_entries WHERE import_id = :import AND customer_id = ANY(:ids)")
    db.session.execute(theirs, {"import": import_.id, "ids": list(customer_ids)})


def take_back_some(import_: Import, most: int) -> int:
    """Forget up to `most` noes that the import wrote down; how many. Each flag follows the newest answer left."""
    theirs = db.session.execute(text(_THEIRS), {"import": import_.id, "most": most}).all()
    said = {"entries": [entry for entry, _ in theirs], "customers": sorted({customer for _, customer in theirs})}
    for step in (_LOCK, _FORGET, _FOLLOW):
        db.session.execute(text(step), said)
    return len(theirs)

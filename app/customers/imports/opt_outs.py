"""The kind "opt_outs": whoever stands in the file gets no marketing any more, known as a customer or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from app.auth import workspace
from app.customers.imports import journal, opt_outs_sql, rules, verdicts, whom
from app.customers.imports.cells import UnusableRow
from app.customers.imports.kinds import STAGED, Field, Reader, Tally
from app.customers.imports.models import Import
from app.customers.service import consent_many, suppression
from app.extensions import db
from app.shared.csv_table import BadRow, Row
from app.shared.errors import Invalid

SOURCE = "csv"
WORDING = "Stood on an imported list of opt-outs"
FIRST_FAULTS = 20  # that the dry run names
LONGEST_REASON = 500
RULES = ("region",)


class OptOuts:
    """Reads addresses, puts them on the suppression list, and opts those out who are customers."""

    fields = (
        Field("phone", "Phone", "With or without the country's code"),
        Field("user_id", "WhatsApp user id", "Meta's id of the person, where you have it"),
        Field("reason", "Reason", "Why they do not want to be written to; kept with their opt-out"),
    )
    staged: Mapping[str, str] = {
        "row_number": "int",
        "phone": "text",
        "twin": "text",
        "user_id": "text",
        "reason": "text",
    }

    def check(self, mapping: Mapping[str, str], rules_: Mapping[str, Any]) -> None:
        if not {"phone", "user_id"} & set(mapping.values()):
            raise Invalid("Say which column holds the phone numbers, or the user ids.", "mapping")
        rules.check_names(rules_, RULES)
        rules.check_region(rules_)

    def reader(self, import_: Import) -> Reader:
        return _reader(import_)

    def merge(self, import_: Import) -> Tally:
        facts = facts_of(import_, suppression.salt())
        db.session.execute(text(opt_outs_sql.ALONE))
        _name()
        db.session.execute(text(opt_outs_sql.LOCK))
        _judge(facts)
        db.session.execute(text(opt_outs_sql.CREATE_ANSWERS))
        for step in (opt_outs_sql.ANSWER, opt_outs_sql.JOURNAL, opt_outs_sql.SUPPRESS):
            db.session.execute(text(step), facts)
        consent_many.record_many(opt_outs_sql.ANSWERS, import_, SOURCE, WORDING, has_wording=True)
        return verdicts.tally(opt_outs_sql.JUDGED)

    def look(self, import_: Import) -> Tally:
        _name()
        _judge(facts_of(import_, workspace.current().suppression_salt or ""))
        return verdicts.tally(opt_outs_sql.JUDGED, FIRST_FAULTS)

    def undo(self, import_: Import, most: int) -> int:
        """The addresses first, then the answers, then what was noted of addresses that others had listed."""
        db.session.execute(text(opt_outs_sql.ALONE))
        asked = facts_of(import_) | {"most": most}
        lifted, left = db.session.execute(text(opt_outs_sql.LIFT), asked).one()
        answers = 0 if lifted or left else consent_many.take_back_some(import_, most)
        journal.note(import_, taken_back=lifted + answers, left=left)
        looked_at: int = lifted + left + answers
        return looked_at or db.session.execute(text(opt_outs_sql.FORGET), asked).scalar_one()


def facts_of(import_: Import, salt: str = "") -> dict[str, Any]:
    """What the statements ask with; without the salt, those that look up no address."""
    return {
        "import": import_.id,
        "salt": salt,
        "reason": suppression.IMPORTED,
        "source": f"import {import_.public_id}",
    }


def _name() -> None:
    for step in (f"ANALYZE {STAGED}", opt_outs_sql.CREATE_NAMED, opt_outs_sql.NAME, f"ANALYZE {opt_outs_sql.NAMED}"):
        db.session.execute(text(step))


def _judge(facts: Mapping[str, Any]) -> None:
    db.session.execute(text(opt_outs_sql.CREATE))
    db.session.execute(text(opt_outs_sql.JUDGE), facts)


def _reader(import_: Import) -> Reader:
    at = {field: int(index) for index, field in import_.mapping.items()}
    whose = whom.reads_addresses(at, import_.reading["columns"], rules.region_of(import_.rules))
    reason_at = at.get("reason")

    def read(row: Row) -> tuple[Any, ...] | BadRow:
        try:
            addresses = whose(row.cells)
            if not (addresses.phone or addresses.user_id):
                raise UnusableRow("no phone number and no user id")
            # However long it is, a reason keeps nobody on the mailing list.
            reason = row.cells[reason_at].strip()[:LONGEST_REASON] or None if reason_at is not None else None
            return row.number, *addresses, reason
        except UnusableRow as error:
            return BadRow(row.number, row.raw, str(error), row.end_byte)

    return read

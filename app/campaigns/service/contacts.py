"""The rows of a campaign's file as contacts: on the wizard's page, and on their way to be recipients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from app.auth import workspace
from app.campaigns.service import staging
from app.customers.imports import given_back
from app.customers.imports.kinds import Fault, Field, Reader, Tally
from app.customers.imports.models import Import
from app.customers.imports.reading import dialect_of
from app.shared import csv_table
from app.shared.csv_table import BadRow, Contact, Row
from app.shared.errors import Invalid, Refused
from app.storage import files

Entry = Contact | BadRow


def preview(import_: Import, limit: int = 20) -> list[Entry]:
    """The file's first rows, read as the worker will read them.

    Raises `Invalid` when nobody said which column holds the phone numbers; while reading, `NotStored`.
    """
    read = _contact_reader(import_)
    with files.open_file(import_.file_key) as stream:
        return [read(row) for row in islice(given_back.rows(stream, dialect_of(import_)), limit)]


class Recipients:
    """The kind "recipients": each row is a recipient of one campaign."""

    fields: tuple[Field, ...] = ()  # its columns are the campaign's variables
    staged: Mapping[str, str] = staging.COLUMNS

    def __init__(self, campaign_id: int) -> None:
        self.campaign_id = campaign_id

    def check(self, mapping: Mapping[str, str], rules: Mapping[str, Any]) -> None:
        """What its columns mean the campaign's wizard asks."""

    def reader(self, import_: Import) -> Reader:
        contact_of = _contact_reader(import_)

        def read(row: Row) -> tuple[Any, ...] | BadRow:
            entry = contact_of(row)
            return staging.as_staged(entry) if isinstance(entry, Contact) else entry

        return read

    def merge(self, import_: Import) -> Tally:
        first = import_.reading["first_position"]
        added = staging.insert_staged(self.campaign_id, first)
        repeated = [
            Fault(
                row, f"the same number stands in row {standing}" if standing > 0 else "already in this campaign", True
            )
            for row, standing in staging.standing(self.campaign_id, first, added.rows)
        ]
        return Tally(len(added.rows), duplicates=len(repeated), suppressed=added.suppressed, faults=repeated)

    def look(self, import_: Import) -> Tally:
        raise Refused("Recipients are not tried; the campaign's review tells who may be written to.")

    def undo(self, import_: Import, most: int) -> int:
        raise Refused("Recipients are taken back on their campaign.")


def _contact_reader(import_: Import) -> Callable[[Row], Entry]:
    reading = import_.reading
    if reading["phone_column"] is None:
        raise Invalid("Say which column holds the phone numbers.", "phone_column")
    return csv_table.contact_reader(
        dialect_of(import_),
        workspace.current().default_region,
        phone_column=reading["phone_column"],
        name_column=reading["name_column"],
    )

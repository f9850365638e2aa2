"""What a kind of import says of itself. The engine reads the file, keeps the lease and counts; a kind knows what
its rows mean.

A file is read in chunks. Each row becomes a tuple by the kind's `reader`, the tuples go by COPY into the temporary
table `STAGED`, and the kind's `merge` brings them set-based from there into the tables, all in one transaction with
the note of how far the file was read. The dry run stages the whole file and asks `look`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from app.customers.imports.models import Import
from app.shared.csv_table import BadRow, Row

STAGED = "staged_rows"
"""The temporary table a chunk lies in during `merge`, the whole file during `look`; gone at the transaction's end."""


class Field(NamedTuple):
    """What a column may become. "attribute" stands for any "attribute:<name>"."""

    name: str
    label: str
    hint: str = ""
    is_required: bool = False


class Fault(NamedTuple):
    """A row that was not used, and why: for people, without a full stop. Its text the engine knows."""

    row: int
    reason: str
    is_duplicate: bool = False


@dataclass(slots=True)
class Tally:
    """What became of staged rows. Inserted, updated, unchanged, duplicates and invalid add up to all of them.

    `suppressed` are those among the used ones whose person stays without marketing, having said no or standing on
    the list. `faults` are the rows behind duplicates and invalid; `look` names only the first of them.
    """

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    invalid: int = 0
    suppressed: int = 0
    faults: list[Fault] = field(default_factory=list)


Reader = Callable[[Row], tuple[Any, ...] | BadRow]
"""A row of the file as `STAGED` takes it, or why it cannot be used. Called for rows without a problem only."""


class Kind(Protocol):
    """One kind of import. Has no state of its own; what it needs to know stands in the import."""

    @property
    def fields(self) -> Sequence[Field]:
        """What columns may become, in the order of the page."""

    @property
    def staged(self) -> Mapping[str, str]:
        """The columns of `STAGED` with their SQL types, in the order of the reader's tuples; the first is
        "row_number": "int"."""

    def check(self, mapping: Mapping[str, str], rules: Mapping[str, Any]) -> None:
        """Whether such an import could begin. Raises `Invalid` at "mapping" or "rules.<name>".

        That each column and each field exists, and no field is named twice, was checked before.
        """

    def reader(self, import_: Import) -> Reader:
        """What reads a row as the import's mapping and rules say. Asks the database before the first row only."""

    def merge(self, import_: Import) -> Tally:
        """Bring the staged rows into the tables, in the caller's transaction, and journal what that changed.

        The first row of the same wins: one whose person or sale this import has touched before is a duplicate. What
        it creates carries `import_id`; what it changes or finds unchanged gets an `ImportChange` (`journal`). A row
        locks in the order of its key, so that two imports do not wait for each other. May be called again for the
        same rows when somebody else changed the same people in between: that transaction was rolled back.
        """

    def look(self, import_: Import) -> Tally:
        """What `merge` would bring of the staged rows, being the whole file. Writes and locks nothing."""

    def undo(self, import_: Import, most: int) -> int:
        """Take back up to `most` things the import created or changed, unless touched since; how many were looked
        at, 0 when there are none left. The caller commits and asks again (`journal.undo` does it for most kinds)."""

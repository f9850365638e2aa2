"""The dry run: the whole file staged, asked what it would bring, and forgotten. Nothing written, nobody locked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.customers.imports import staging
from app.customers.imports.kinds import Kind
from app.customers.imports.models import Import
from app.customers.imports.reading import Chunk

MOST_FAULTS = 20
"""Rows that the findings name, of those that could not be used."""


class Trial:
    """A file that is being tried: staged chunk by chunk in one transaction, which the door rolls back in the end."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.total = self.invalid = 0
        self.faults: list[tuple[int, str]] = []
        staging.create(kind.staged)

    def add(self, chunk: Chunk) -> None:
        """The file's next rows."""
        staging.fill(self.kind.staged, chunk.staged)
        self.total += chunk.total
        self.invalid += len(chunk.bad)
        self._note((bad.row, bad.reason) for bad in chunk.bad)

    def findings(self, import_: Import) -> dict[str, Any]:
        """What the import would bring, as `Import.findings` keeps it."""
        tally = self.kind.look(import_)
        self._note((fault.row, fault.reason) for fault in tally.faults)
        return {
            "total": self.total,
            "new": tally.inserted,
            "updated": tally.updated,
            "unchanged": tally.unchanged,
            "duplicates": tally.duplicates,
            "invalid": self.invalid + tally.invalid,
            "suppressed": tally.suppressed,
            "faults": [{"row": row, "reason": reason} for row, reason in self.faults],
        }

    def _note(self, faults: Iterable[tuple[int, str]]) -> None:
        self.faults = sorted([*self.faults, *faults])[:MOST_FAULTS]

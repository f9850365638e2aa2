"""A chunk of a file becomes rows of ours, once: with the note how far the file was read, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.customers.imports import leases, staging
from app.customers.imports.kinds import Fault, Kind, Tally
from app.customers.imports.models import Import, ImportStatus
from app.customers.imports.reading import Chunk
from app.extensions import db


def take(import_id: int, kind: Kind, at_row: int, chunk: Chunk) -> bool:
    """Bring the file's next rows in; `at_row` is the last row read before them.

    False when they are not ours to bring any more: it was cancelled, or another worker went on with the file.
    """
    import_ = leases.hold(import_id, ImportStatus.IMPORTING, at_row)
    if import_ is not None:
        store(import_, kind, chunk)
    return import_ is not None


def finish(import_id: int, at_row: int) -> bool:
    """The file is read to its end; False when that is not ours to say any more."""
    import_ = leases.hold(import_id, ImportStatus.IMPORTING, at_row)
    if import_ is not None:
        import_.bytes_done = import_.bytes_total
        leases.end(import_, ImportStatus.IMPORTED)
    return import_ is not None


def store(import_: Import, kind: Kind, chunk: Chunk) -> None:
    """Bring the rows of the locked import in, keep the text of those that were not used, and note how far it came."""
    staging.create(kind.staged)
    staging.fill(kind.staged, chunk.staged)
    tally = kind.merge(import_)
    note_faults(import_.id, chunk, tally.faults)
    _count(import_, chunk, tally)
    db.session.flush()


def note_faults(import_id: int, chunk: Chunk, faults: Iterable[Fault]) -> None:
    """Keep the rows that could not be used, with their own text."""
    staging.copy_rows(
        "import_errors (import_id, row_number, reason, original, is_duplicate)",
        ((import_id, *line) for line in _lines(chunk, faults)),
    )


def _lines(chunk: Chunk, faults: Iterable[Fault]) -> Iterator[tuple[int, str, str, bool]]:
    for bad in chunk.bad:
        yield bad.row, bad.reason, bad.raw, False
    for fault in faults:
        yield fault.row, fault.reason, chunk.originals[fault.row], fault.is_duplicate


def _count(import_: Import, chunk: Chunk, tally: Tally) -> None:
    import_.total += chunk.total
    import_.invalid += len(chunk.bad) + tally.invalid
    import_.inserted += tally.inserted
    import_.updated += tally.updated
    import_.unchanged += tally.unchanged
    import_.duplicates += tally.duplicates
    import_.suppressed += tally.suppressed
    import_.last_row, import_.bytes_done = chunk.last_row, chunk.end_byte

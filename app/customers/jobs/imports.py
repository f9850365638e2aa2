"""The doors of imports: try a file, bring it in, take it back. A killed worker's successor goes on where it stood."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from rq.timeouts import BaseTimeoutException
from sqlalchemy import update
from sqlalchemy.exc import InterfaceError, OperationalError

from app.customers.imports import leases, merging, service
from app.customers.imports.checking import Trial
from app.customers.imports.models import Import, ImportStatus
from app.customers.imports.reading import Chunk, chunks
from app.customers.imports.registry import kind_of
from app.customers.jobs import chunkwise
from app.extensions import db
from app.shared import clock, queues, stopping
from app.shared.csv_table import Unreadable
from app.shared.errors import Invalid, Refused
from app.storage.store import NotStored

UNDO_STEP = 5_000  # rows a transaction
RING_AGAIN = 10  # seconds during which a second ring is not worth a place in the queue
OUR_FAULT = "Something went wrong on our side; nothing is lost. Try once more, and tell who runs this server."

log = structlog.get_logger()


def run(import_id: int) -> None:
    """Bring the file in, from the row where it stands."""
    with _work(import_id, ImportStatus.IMPORTING) as import_:
        if import_ is None:
            return
        kind = kind_of(import_)
        rows, at_row = chunks(import_, kind.reader(import_)), import_.last_row
        db.session.commit()
        reading = chunkwise.Reading(
            import_id, at_row, rows, lambda at_row, chunk: merging.take(import_id, kind, at_row, chunk)
        )
        if reading.to_the_end() and merging.finish(import_id, reading.at_row):
            db.session.commit()
            _tell_planner()
            log.info("import.finished", row=reading.at_row)


def check(import_id: int) -> None:
    """Find out what the file would bring; from the beginning, for a trial leaves nothing to go on from."""
    with _work(import_id, ImportStatus.CHECKING) as import_:
        if import_ is None:
            return
        kind = kind_of(import_)
        rows = chunks(import_, kind.reader(import_))
        db.session.commit()
        trial = Trial(kind)
        for chunk in rows:
            trial.add(chunk)
            if not _is_still_wanted(import_id, trial.total, chunk):
                return
        findings = trial.findings(import_)
        db.session.rollback()
        if held := leases.hold(import_id, ImportStatus.CHECKING):
            held.findings = findings
            service.leave_check(held)
            db.session.commit()


def undo(import_id: int) -> None:
    """Take back what the import brought, a step a transaction."""
    with _work(import_id, ImportStatus.UNDOING) as import_:
        if import_ is None:
            return
        db.session.commit()
        while chunkwise.committed(lambda: _undo_step(import_id)):
            if stopping.is_told():
                chunkwise.leave(import_id)
                return


def ring_for(import_: Import) -> None:
    """Ring for whoever goes on with an import that is under way."""
    queues.ring(queues.IMPORTS, DOORS[import_.status], import_.id)


def ring_for_stalled() -> None:
    """Ring for every import under way that no worker works on."""
    for import_ in leases.stalled(clock.now()):
        queues.ring_once(queues.IMPORTS, f"import:{import_.id}", RING_AGAIN, DOORS[import_.status], import_.id)


DOORS: dict[ImportStatus, Callable[[int], None]] = {
    ImportStatus.CHECKING: check,
    ImportStatus.IMPORTING: run,
    ImportStatus.UNDOING: undo,
}


@contextmanager
def _work(import_id: int, status: ImportStatus) -> Iterator[Import | None]:
    """The claimed import, or None. What cannot be done ends it with a sentence, and leaves no transaction open."""
    with structlog.contextvars.bound_contextvars(import_id=import_id):
        try:
            yield leases.claim(import_id, status)
        except (NotStored, Unreadable, Refused, Invalid) as error:
            _fail(import_id, status, str(error))
        except (OperationalError, InterfaceError, BaseTimeoutException):
            raise  # the database is away, or we were too long: when the lease has run out, another worker goes on
        except Exception:
            log.exception("import.broken")
            _fail(import_id, status, OUR_FAULT)
        finally:
            db.session.rollback()


def _fail(import_id: int, status: ImportStatus, sentence: str) -> None:
    db.session.rollback()
    if import_ := leases.hold(import_id, status):
        leases.end(import_, ImportStatus.FAILED, sentence)
    db.session.commit()
    log.warning("import.failed", reason=sentence)


def _is_still_wanted(import_id: int, total: int, chunk: Chunk) -> bool:
    """Tell how far the trial came, in a transaction of its own; False when it was stopped."""
    if stopping.is_told():
        chunkwise.leave(import_id)
        return False
    so_far = {"total": total, "bytes_done": chunk.end_byte, "lease_until": clock.now() + leases.LEASE}
    mine = update(Import).where(Import.id == import_id, Import.status == ImportStatus.CHECKING)
    with db.engine.begin() as connection:
        return connection.execute(mine.values(so_far)).rowcount > 0


def _undo_step(import_id: int) -> bool:
    """Whether there may be more to take back."""
    import_ = leases.hold(import_id, ImportStatus.UNDOING)
    if import_ is None:
        return False
    is_more = kind_of(import_).undo(import_, UNDO_STEP) > 0
    if not is_more:
        leases.end(import_, ImportStatus.UNDONE)
    return is_more


def _tell_planner() -> None:
    """What the tables have become, before the next question to them is planned."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE customers, consent_entries, sales")

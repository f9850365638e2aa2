"""Work on a file in small transactions: whoever is killed in between leaves nothing half done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import structlog
from sqlalchemy.exc import IntegrityError, OperationalError

from app.customers.imports import leases
from app.customers.imports.reading import Chunk
from app.extensions import db
from app.shared import stopping

ATTEMPTS = 5  # at what somebody else changes in the same moment

T = TypeVar("T")
log = structlog.get_logger()


@dataclass(slots=True)
class Reading:
    """One worker's reading of a file, from row `at_row` on; `take` brings a chunk in, False when it is not ours."""

    import_id: int
    at_row: int
    chunks: Iterator[Chunk]
    take: Callable[[int, Chunk], bool]

    def to_the_end(self) -> bool:
        """Read on, a chunk a transaction; False when somebody else is to go on, or nobody.

        Raises what reading raises, with `at_row` where the last commit left it.
        """
        for chunk in self.chunks:
            if not self._is_taken(chunk):
                log.info("import.stopped", import_id=self.import_id, row=self.at_row)
                return False
            self.at_row = chunk.last_row
            if stopping.is_told():
                leave(self.import_id)
                return False
        return True

    def _is_taken(self, chunk: Chunk) -> bool:
        return committed(lambda: self.take(self.at_row, chunk))


def committed(deed: Callable[[], T]) -> T:
    """Do it and commit; again, when it ran into somebody who changed the same people, or waited for each other.

    Not when the connection is lost in the commit: whether it was done, nobody knows then.
    """
    for attempt in range(ATTEMPTS):
        is_done = False
        try:
            result = deed()
            is_done = True
            db.session.commit()
        except (IntegrityError, OperationalError) as error:
            db.session.rollback()
            if attempt == ATTEMPTS - 1 or (is_done and error.connection_invalidated):
                raise
            log.info("import.once_more", error=type(error.orig).__name__)
        else:
            return result
    raise AssertionError


def leave(import_id: int) -> None:
    """This process must end: let another worker go on, for whom the tick rings."""
    db.session.rollback()
    leases.release(import_id)
    db.session.commit()
    log.info("import.left", import_id=import_id)

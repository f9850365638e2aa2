"""Tables in CSV: one parser for the preview page and the import, one writer for every download.

Reading: `sniff` the head of a file, then `rows` of its stream, then `read_contacts`. Writing: `export`.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import chain

from app.shared.csv_contacts import MAX_VALUE, BadRow, Contact, contact_reader, read_contacts
from app.shared.csv_encoding import ENCODINGS, Unreadable, detect_encoding
from app.shared.csv_records import MAX_CELL, MAX_COLUMNS, Dialect, Row, open_table, rows
from app.shared.csv_sniff import DELIMITERS, sniff

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "MAX_CELL",
    "MAX_COLUMNS",
    "MAX_VALUE",
    "BadRow",
    "Contact",
    "Dialect",
    "Row",
    "Unreadable",
    "contact_reader",
    "detect_encoding",
    "export",
    "open_table",
    "plain",
    "read_contacts",
    "rows",
    "sniff",
]

_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
# Calculated, "+919812345678" is that same number: digits call no function and reach no other cell. With an
# apostrophe it could not be imported again elsewhere.
_PHONE = re.compile(r"\+[0-9]+")


def export(rows: Iterable[Sequence[object]], header: Sequence[str]) -> Iterator[str]:
    """The lines of a CSV file, header first, CRLF at each end; to be encoded as UTF-8.

    Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers and dates of ours,
    being no text, do not. None is an empty cell.
    """
    for row in chain([header], rows):
        line = StringIO()
        csv.writer(line).writerow([_harmless(cell) for cell in row])
        yield line.getvalue()


def plain(cell: str) -> str:
    """A cell that `export` wrote, as it was: without the apostrophe that it put in front."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell, 1) else cell


def _harmless(cell: object) -> object:
    if isinstance(cell, str) and _FORMULA.match(cell) and not _PHONE.fullmatch(cell):
        return "'" + cell
    return cell

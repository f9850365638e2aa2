"""How a table is written, guessed from its beginning; each guess can be overridden by a person."""

import re
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from itertools import count, islice

from app.shared.csv_encoding import Unreadable, encoding_of, known, refuse_strangers
from app.shared.csv_lines import named_delimiter
from app.shared.csv_records import MAX_COLUMNS, Dialect, rows

DELIMITERS = ",;\t|"
SAMPLE = 100
"""Records looked at."""
WHOLE_FILE = 4096
"""A head shorter than this is taken for the whole file; the last line of a longer one may be cut."""
MAX_NAME = 80
"""Characters kept of a column's name."""

LONGEST_NUMBER = 60
"""Characters of a cell that may still be a number; matching a pattern against much longer ones takes for ever."""

_PHONE = re.compile(r"['=\"\s(]*(\w+:)?\+?[\d\s().\-/\u00a0]{8,30}['\"\s]*|\d[.,]\d+E\+\d+", re.IGNORECASE)
_DATE = re.compile(r"\s*(\d{4}[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./]\d{4})\b.*")
_NUMBER = re.compile(r"[-+]?[\d.,\s]+")
_CERTAIN = re.compile(
    r"phone|whats\s*app|mobile?\b|\bcell|\btel\b|telefon|teléfono|téléphone|handy|celular|móvil|msisdn|"
    r"फ़?ोन|मोबाइल|व्हाट्सऐप|هاتف|جوال",
    re.IGNORECASE,
)
_LIKELY = re.compile(r"number|contact|nummer|número|numero|\bno\b|\bwa\b|\bto\b", re.IGNORECASE)


def sniff(
    head: bytes,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    has_header: bool | None = None,
) -> Dialect:
    """The dialect of the table that begins with `head` (64 KB are plenty); what is given is not guessed.

    Raises `Unreadable` with a sentence for a file that is no table, is empty or has only a header.
    """
    encoding = known(encoding) if encoding else encoding_of([head])
    refuse_strangers(head, encoding)
    head = _complete_lines(head, encoding)
    dialect = Dialect(encoding=encoding, has_header=False)
    dialect = replace(dialect, delimiter=_delimiter(head, dialect, delimiter))
    sample = _sample(head, dialect)
    if not sample:
        raise Unreadable(_why_nothing(head, dialect))
    return _with_columns(dialect, sample, has_header)


def _with_columns(dialect: Dialect, sample: list[list[str]], has_header: bool | None) -> Dialect:
    first = sample[0]
    headed = _is_header(first) if has_header is None else has_header
    data = sample[1:] if headed else sample
    if not data:
        raise Unreadable("This file has a header row and nothing below it.")
    width = max(len(first), 1) if headed else max(map(len, data))
    if width > MAX_COLUMNS:
        raise Unreadable(f"This file has {width:,} columns; leave at most {MAX_COLUMNS}.")
    names = _unique_names(first if headed else [], width)
    return replace(dialect, has_header=headed, columns=names, phone_column=_phone_column(names, data, headed))


def _sample(head: bytes, dialect: Dialect) -> list[list[str]]:
    return [row.cells for row in islice(rows(BytesIO(head), dialect), SAMPLE) if row.cells]


def _why_nothing(head: bytes, dialect: Dialect) -> str:
    damaged = next(rows(BytesIO(head), dialect), None)
    if damaged is None:
        return "This file is empty."
    return f"No row of this file can be read: {damaged.problem} in row {damaged.number}."


def _complete_lines(head: bytes, encoding: str) -> bytes:
    if len(head) < WHOLE_FILE or encoding == "utf-16":
        return head
    end = max(head.rfind(b"\n"), head.rfind(b"\r")) + 1
    return head[:end] if end else head


def _delimiter(head: bytes, dialect: Dialect, given: str | None) -> str:
    if given is not None and (len(given) != 1 or given in '" \r\n\0'):
        raise Unreadable("The delimiter must be a single character, such as a comma or a semicolon.")
    named = given or named_delimiter(head, dialect.encoding)
    if named and named not in '" ':
        return named
    return max(DELIMITERS, key=lambda mark: _regularity(_sample(head, replace(dialect, delimiter=mark))))


def _regularity(sample: list[list[str]]) -> tuple[float, int]:
    """How much the records agree with the first on their number of cells; one column is no agreement."""
    width = len(sample[0]) if sample else 0
    if width < 2:
        return (0.0, 0)
    return (sum(len(cells) == width for cells in sample) / len(sample), width)


def _is_header(first: Sequence[str]) -> bool:
    return not any(_looks_like_phone(cell) or _NUMBER.fullmatch(cell.strip()) for cell in first if cell.strip())


def _looks_like_phone(cell: str) -> bool:
    if len(cell) > LONGEST_NUMBER or not _PHONE.fullmatch(cell) or _DATE.fullmatch(cell):
        return False
    return "E" in cell.upper() or 8 <= sum(char.isdecimal() for char in cell) <= 17


def _phone_column(names: list[str], data: list[list[str]], headed: bool) -> int | None:
    scores = [_phone_score(name if headed else "", _column(data, index)) for index, name in enumerate(names)]
    best = max(scores)
    return scores.index(best) if best >= 1 else None


def _phone_score(name: str, cells: list[str]) -> float:
    share = sum(map(_looks_like_phone, cells)) / len(cells) if cells else 0.0
    certain, likely = bool(_CERTAIN.search(name)), bool(_LIKELY.search(name))
    return 2 * share + certain + 0.4 * likely + 0.2 * ("whats" in name.lower())


def _column(data: list[list[str]], index: int) -> list[str]:
    return [cells[index] for cells in data if index < len(cells) and cells[index].strip()]


def _unique_names(given: list[str], width: int) -> list[str]:
    names: list[str] = []
    for index in range(width):
        cell = given[index] if index < len(given) else ""
        wanted = " ".join(cell.replace("\0", "").split())[:MAX_NAME] or f"Column {index + 1}"
        free = (wanted if number == 1 else f"{wanted} {number}" for number in count(1))
        names.append(next(name for name in free if name not in names))
    return names

"""What a request says of a CSV file: the file itself, its columns by index or name."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import FileStorage

from app.api.schemas.imports import Reading
from app.customers.imports import service
from app.customers.imports.models import Import
from app.shared.errors import Invalid


def file_of(given: Any) -> FileStorage:
    """The uploaded file. Raises `Invalid` where a form field without a file name came as a text."""
    if not isinstance(given, FileStorage):
        raise Invalid("Send the CSV as a file of the form, with a file name.", "file")
    return given


def read_as_told(import_: Import, said: Reading) -> None:
    """Read the file in the way that was said, if any was. Raises `Invalid` at the field, `Refused`."""
    told = said.model_dump(include=set(Reading.model_fields), exclude_none=True)
    try:
        if told:
            service.change_reading(import_, **told)
    except Invalid as error:
        raise Invalid(str(error), "encoding" if "encoding" in told else error.field) from error


def column_of(import_: Import, column: str, field: str) -> int:
    """The index of the column with this index or name. Raises `Invalid` at `field`."""
    columns: list[str] = import_.reading["columns"]
    if column.isascii() and column.isdigit() and int(column[:9]) < len(columns):
        return int(column)
    if column in columns:
        return columns.index(column)
    raise Invalid(f"The file has no column {column}; it has {', '.join(columns)}.", field)

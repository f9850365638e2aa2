"""CSV files on their way in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints
from spectree.model_adapter.pydantic_adapter import BaseFile

from app.api.paging import Paged, Paging
from app.api.schemas.common import Incoming, Text, Words
from app.api.schemas.customers import Tag
from app.campaigns.models import CampaignStatus
from app.customers.imports.models import ImportKind, ImportStatus
from app.customers.service.profiles import MOST_TAGS
from app.shared.csv_table import MAX_COLUMNS

Delimiter = Annotated[str, StringConstraints(min_length=1, max_length=1)]
Column = Annotated[Words, Field(examples=["Phone"], description="The column's index from 0, or its name.")]
AudienceKind = Literal["customers", "sales", "opt_outs"]


class Reading(Incoming):
    """How a CSV file is written. That is found out from its beginning; say so only where that guess is wrong."""

    delimiter: Delimiter | None = Field(default=None, description="The character between two cells.", examples=[";"])
    encoding: Words | None = Field(default=None, examples=["cp1252"], description="utf-8-sig, cp1252, utf-16, …")
    has_header: bool | None = Field(default=None, description="Whether the first row names the columns.")


class FileIn(Reading):
    """A campaign's recipients."""

    file: BaseFile = Field(description="The CSV file: bare numbers, one a line, or columns with or without a header.")
    phone_column: Words | None = Field(
        default=None,
        examples=["Phone"],
        description="The column with the numbers: its name, or its index from 0.",
    )


class ImportIn(Reading):
    """A file of customers, of what they bought, or of who wants no marketing."""

    file: BaseFile = Field(description="The CSV file.")
    kind: AudienceKind = Field(description="What its rows become.")


class ConsentRule(Incoming):
    """How we know who of the file agreed to marketing: one of the two."""

    column: Column | None = Field(default=None, description="The column that says yes or no, by index or name.")
    wording: Text | None = Field(
        default=None,
        examples=["Yes, send me travel offers on WhatsApp"],
        description="What all of them agreed to, in the words they saw.",
    )


class Rules(Incoming):
    """What holds for every row of the file."""

    region: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = Field(
        default=None,
        examples=["IN"],
        description="Where numbers without a country are from. Left out: the workspace's.",
    )
    existing: Literal["update", "fill", "skip"] | None = Field(
        default=None,
        description="Who is known already: update what the file says, fill in only what is empty, or skip the row.",
    )
    tags: Annotated[list[Tag], Field(max_length=MOST_TAGS)] | None = Field(
        default=None, examples=[["fair 2026"]], description="For all of them, besides those of the file."
    )
    consent: ConsentRule | None = Field(default=None, description="Null: the file says nothing about it.")
    dates: Literal["dmy", "mdy", "ymd"] | None = Field(default=None, description="Which way days are written.")


class ImportChange(Reading):
    """How a file is read, what its columns become, which rules hold. What is left out stays as it is."""

    mapping: Annotated[dict[Words, Words | None], Field(max_length=MAX_COLUMNS)] | None = Field(
        default=None,
        examples=[{"Phone": "phone", "1": "name", "Age": "attribute:Age"}],
        description="What each column becomes, by its index from 0 or its name; columns left out are skipped. `GET "
        "/imports/fields` lists what there is; `attribute:` and a name makes it an attribute.",
    )
    rules: Rules | None = Field(default=None, description="Instead of those before.")


class Populating(BaseModel):
    """The file is there and is being read."""

    import_id: UUID
    status: CampaignStatus


class ImportOut(BaseModel):
    """How far a file has come. Rows are data rows, without header and blank ones."""

    id: UUID
    kind: ImportKind
    file_name: str
    status: ImportStatus
    total: int = Field(description="Rows read so far.")
    inserted: int = Field(description="Rows that became a recipient, a customer, a sale, an opt-out.")
    updated: int = Field(description="Rows that changed one that was there.")
    unchanged: int = Field(description="Rows that said nothing new.")
    invalid: int = Field(description="Rows that cannot be used: without a usable phone number, or damaged.")
    duplicates: int = Field(description="Rows whose person or sale the file or the campaign had before.")
    suppressed: int = Field(description="Of the rows used: people who said no or are on the suppression list.")
    progress: float = Field(ge=0, le=1, description="The part of the file that is read, 0 to 1.")
    error: str | None = Field(description="Why it failed.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class FoundFault(BaseModel):
    """A row that would not be used."""

    row: int
    reason: str


class Findings(BaseModel):
    """What an import would bring, as it stood when it was checked."""

    total: int
    new: int
    updated: int
    unchanged: int
    duplicates: int
    invalid: int
    suppressed: int
    faults: list[FoundFault] = Field(description="The first rows that would not be used.")


class UndoIn(Incoming):
    """Why an import is taken back."""

    reason: Text | None = Field(default=None, description="Needed for opt-outs; kept in the audit log.")


class UndoneOut(BaseModel):
    """What undoing took back."""

    taken_back: int
    left: int = Field(description="Stayed as they are, for they were touched since.")


class ImportDetail(ImportOut):
    """A file, how it is read, and what a check found."""

    encoding: str
    delimiter: str
    has_header: bool
    columns: list[str]
    mapping: dict[str, str] = Field(description="What each column becomes, by its index.")
    rules: dict[str, Any]
    findings: Findings | None = Field(description="What the check found; null: not checked as it stands now.")
    undone: UndoneOut | None = Field(description="What undoing took back so far; null: nobody asked for that.")
    same_file: list[UUID] = Field(description="Earlier imports of this very file.")


class ImportFilter(Paging):
    """Which imports are asked for."""

    kind: ImportKind | None = None
    status: ImportStatus | None = None


class ImportPage(Paged):
    """A page of imports, the newest first."""

    items: list[ImportOut]


class KindFilter(Incoming):
    """Which fields are asked for."""

    kind: AudienceKind


class ImportFieldOut(BaseModel):
    """What a column may become."""

    name: str = Field(examples=["phone"])
    label: str
    hint: str
    is_required: bool


class ImportFieldsOut(BaseModel):
    """All that a column of such a file may become."""

    items: list[ImportFieldOut]


class RowOut(BaseModel):
    """A row of the file."""

    row: int = Field(description="Its number in the file; a header is row 1.")
    cells: list[str]
    problem: str | None = Field(description="Why it cannot be used, as far as that shows without asking the database.")


class PreviewOut(BaseModel):
    """The first rows of a file, as they are read now."""

    columns: list[str]
    suggested_mapping: dict[str, str] = Field(description="What the columns seem to be; `PUT` it, or better.")
    rows: list[RowOut]


class FaultFilter(Paging):
    """Which rows are asked for."""

    is_duplicate: bool | None = None


class FaultOut(BaseModel):
    """A row that was not used."""

    row: int
    reason: str
    is_duplicate: bool
    original: str = Field(description="The row as the file has it.")


class FaultPage(Paged):
    """A page of rows that were not used, in the file's order."""

    items: list[FaultOut]

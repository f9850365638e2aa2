"""CSV files on their way into a campaign."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints
from spectree.model_adapter.pydantic_adapter import BaseFile

from app.api.schemas.common import Incoming, Words
from app.campaigns.models import CampaignStatus
from app.customers.models import ImportStatus


class FileIn(Incoming):
    """A CSV file. How it is written is found out from its beginning; say so only where that guess is wrong."""

    file: BaseFile = Field(description="The CSV file: bare numbers, one a line, or columns with or without a header.")
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = Field(
        default=None, description="The character between two cells.", examples=[";"]
    )
    encoding: Words | None = Field(default=None, examples=["cp1252"], description="utf-8-sig, cp1252, utf-16, …")
    has_header: bool | None = Field(default=None, description="Whether the first row names the columns.")
    phone_column: Words | None = Field(
        default=None,
        examples=["Phone"],
        description="The column with the numbers: its name, or its index from 0.",
    )


class Populating(BaseModel):
    """The file is there and is being read."""

    import_id: UUID
    status: CampaignStatus


class ImportOut(BaseModel):
    """How far a file has come. Rows are data rows, without header and blank ones."""

    id: UUID
    file_name: str
    status: ImportStatus
    total: int = Field(description="Rows read so far.")
    inserted: int = Field(description="Rows that became recipients.")
    invalid: int = Field(description="Rows without a usable phone number, or damaged.")
    duplicates: int = Field(description="Rows whose number the file or the campaign had before.")
    suppressed: int = Field(description="Of those inserted: opted out, so they are skipped.")
    progress: float = Field(ge=0, le=1, description="The part of the file that is read, 0 to 1.")
    error: str | None = Field(description="Why it failed.")

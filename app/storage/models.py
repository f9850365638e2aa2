"""Which files we wrote, and the columns that name them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text, func
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class FileKey(Text):
    """The type of a column that names stored files. What no such column names, nobody needs any more."""


class StoredFile(Base):
    """A file that we wrote, or began to write. One that is not ours has no row, and is never taken for lost."""

    __tablename__ = "stored_files"

    key: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

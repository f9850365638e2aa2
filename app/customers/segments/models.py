"""Segments that the team keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Row
from app.shared.ids import uuid7

# Of a name's first letters only: a lexeme has a longest length, and whoever writes a poem there is still kept.
NAME_WORDS = "array_to_tsvector(array_remove(string_to_array(left(lower(name), 200), ' '), ''))"


class Segment(Row, Base):
    """A question about customers that is asked anew each time: its conditions as design.md section 6 writes them."""

    __tablename__ = "segments"

    public_id: Mapped[UUID] = mapped_column(default=uuid7, unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str] = mapped_column(default="", server_default="")
    query: Mapped[dict[str, Any]]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    counted: Mapped[int | None]  # how many it was, when somebody last looked
    counted_at: Mapped[datetime | None]

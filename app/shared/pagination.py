"""Pages of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from app.extensions import db

PAGE_SIZE = 50
LARGEST_PAGE = 500
LAST_PAGE = 1_000_000  # whatever a URL says, an OFFSET must fit PostgreSQL's integers


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: `items`, and where it stands among `total`."""

    items: list[Any]
    page: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def has_next(self) -> bool:
        return self.page < self.pages

    @property
    def has_previous(self) -> bool:
        return self.page > 1

    @property
    def first(self) -> int:
        return (self.page - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.page * self.size, self.total)


def page_of(query: Select[*tuple[Any, ...]], page: int, size: int = PAGE_SIZE, *, scalars: bool = True) -> Page:
    """Page `page` (from 1) of an ordered `query`; `scalars=False` keeps rows of several columns."""
    page, size = min(max(1, page), LAST_PAGE), min(max(1, size), LARGEST_PAGE)
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    result = db.session.execute(query.limit(size).offset((page - 1) * size))
    items = list(result.scalars() if scalars else result)
    return Page(items, page, size, total)

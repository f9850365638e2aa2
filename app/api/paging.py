"""Pages of a list, as every call answers them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, Field

from app.api.schemas.common import Incoming
from app.shared.pagination import LARGEST_PAGE, PAGE_SIZE, Page

LAST_PAGE = 1_000_000


class Paging(Incoming):
    """Which page is asked for."""

    page: int = Field(default=1, ge=1, le=LAST_PAGE, description="From 1.")
    limit: int = Field(default=PAGE_SIZE, ge=1, le=LARGEST_PAGE, description="Items on a page.")


class Paged(BaseModel):
    """One page of a list, and where it stands. Children name their `items`."""

    total: int = Field(description="Items on all pages.")
    page: int
    limit: int
    pages: int = Field(description="Never less than 1.")


Listing = TypeVar("Listing", bound=Paged)


def paged(kind: type[Listing], page: Page, show: Callable[[Any], Any]) -> Listing:
    """`page` as an answer of that kind, each item as `show` tells it."""
    items = [show(item) for item in page.items]
    return kind.model_validate(
        {"items": items, "total": page.total, "page": page.page, "limit": page.size, "pages": page.pages}
    )

"""Whose row it is: the addresses in a row's cells, by which customers are found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from app.customers.imports import cells
from app.customers.service.spellings import TWINS, spellings
from app.shared import phone

LONGEST_ID = 200
"""Characters of a user id."""


class Addresses(NamedTuple):
    """A person's addresses as a row tells them."""

    phone: str | None
    """E.164, the spelling that is kept."""
    twin: str | None
    """The same number as it may be spelled too."""
    user_id: str | None


def reads_addresses(places: Mapping[str, int], columns: Sequence[str], region: str) -> Callable[[list[str]], Addresses]:
    """What reads the phone and the user id of a row's cells, which stand at these places of these columns.

    It raises `cells.UnusableRow`; a row may say neither.
    """
    phone_at, user_id_at = places.get("phone"), places.get("user_id")

    def as_user_id(cell: str) -> str | None:
        return cells.text(cell, LONGEST_ID)

    def as_number(cell: str) -> str:
        return phone.parse(cell, region)

    def read(written: list[str]) -> Addresses:
        user_id = None
        if user_id_at is not None:
            user_id = cells.read(columns[user_id_at], written[user_id_at], as_user_id)
        if phone_at is None or not written[phone_at].strip():
            return Addresses(None, None, user_id)
        number = cells.read(columns[phone_at], written[phone_at], as_number)
        if number[1:3] not in TWINS:
            return Addresses(number, None, user_id)
        spelled = spellings(phone.digits(number))
        return Addresses(spelled[0], spelled[1] if len(spelled) > 1 else None, user_id)

    return read

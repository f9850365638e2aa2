"""A mapping kept under a name fits the next file, wherever its columns stand."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from flask import Flask

from app.customers.imports import mappings
from app.customers.imports.models import Import, ImportKind
from app.extensions import db
from app.shared.errors import Invalid, Missing

COLUMNS = ["Guest", "WhatsApp No.", "Tier"]
MAPPING = {"0": "name", "1": "phone", "2": "attribute:tier"}


@pytest.fixture
def import_(app: Flask) -> Import:
    """A list of customers whose columns are mapped."""
    made = Import(
        file_key="", file_name="a.csv", bytes_total=1, kind=ImportKind.CUSTOMERS,
        reading={"columns": COLUMNS}, mapping=MAPPING,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def test_it_fits_columns_in_another_order_and_spelling(import_: Import) -> None:
    kept = mappings.remember(import_, "  Hotel   list ", None)
    assert kept.name == "Hotel list"
    assert mappings.applied(kept, ["x", "whatsapp no", "GUEST"]) == {"1": "phone", "2": "name"}


def test_one_of_the_same_name_is_changed(import_: Import, cast: SimpleNamespace) -> None:
    mappings.remember(import_, "Hotel", None)
    import_.mapping = {"1": "phone"}
    kept = mappings.remember(import_, "Hotel", cast.mona)
    assert mappings.saved(ImportKind.CUSTOMERS) == [kept]
    assert kept.columns == {"WhatsApp No.": "phone"}


def test_another_kind_has_its_own(import_: Import) -> None:
    mappings.remember(import_, "Hotel", None)
    assert mappings.saved(ImportKind.SALES) == []
    with pytest.raises(Missing):
        mappings.named(ImportKind.SALES, "Hotel")


def test_the_fullest_that_fits_is_proposed(import_: Import) -> None:
    whole = mappings.remember(import_, "Whole", None)
    import_.mapping = {"1": "phone"}
    mappings.remember(import_, "Little", None)
    assert mappings.fitting(ImportKind.CUSTOMERS, [*COLUMNS, "More"]) == whole
    assert mappings.fitting(ImportKind.CUSTOMERS, ["Phone"]) is None


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "\0"])
def test_it_asks_for_a_name(import_: Import, name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        mappings.remember(import_, name, None)
    assert refusal.value.field == "name"


def test_it_can_be_forgotten(import_: Import) -> None:
    mappings.forget(mappings.remember(import_, "Hotel", None))
    assert mappings.saved(ImportKind.CUSTOMERS) == []

"""Rules that make no sense are refused at their field, whatever they are made of."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.customers.imports import service
from app.customers.imports.models import ImportKind
from app.customers.imports.registry import KINDS
from app.shared.errors import Invalid
from tests.customers.imports.people_files import received

ODD: tuple[Any, ...] = ([], {}, ["x"], {"a": 1}, 7, 1.5, True, "nonsense", "x\x00")
MAPPINGS = {
    ImportKind.CUSTOMERS: {"0": "phone"},
    ImportKind.SALES: {"0": "phone", "1": "amount", "2": "sold_at"},
    ImportKind.OPT_OUTS: {"0": "phone"},
}
NAMES = [
    (ImportKind.CUSTOMERS, "region"), (ImportKind.CUSTOMERS, "existing"), (ImportKind.CUSTOMERS, "consent"),
    (ImportKind.CUSTOMERS, "tags"), (ImportKind.SALES, "region"), (ImportKind.SALES, "existing"),
    (ImportKind.SALES, "customers"), (ImportKind.SALES, "dates"), (ImportKind.SALES, "decimals"),
    (ImportKind.OPT_OUTS, "region"),
]  # fmt: skip


@pytest.mark.parametrize("value", ODD, ids=repr)
@pytest.mark.parametrize(("kind", "name"), NAMES)
def test_a_rule_of_the_wrong_make_is_refused_at_its_field(kind: ImportKind, name: str, value: Any) -> None:
    if name == "tags" and isinstance(value, list):
        return  # these are tags
    with pytest.raises(Invalid) as refusal:
        KINDS[kind].check(MAPPINGS[kind], {name: value})
    assert refusal.value.field == f"rules.{name}"


@pytest.mark.parametrize("column", ["", "x", "-1", "1.0", "٣", 1, None, [], {}])
def test_a_column_of_consent_is_an_index(column: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        KINDS[ImportKind.CUSTOMERS].check({"0": "phone"}, {"consent": {"column": column}})
    assert refusal.value.field == "rules.consent"


def test_a_column_of_consent_is_one_of_the_file(app: Flask) -> None:
    import_ = received("Phone,Name\n9812345671,Asha\n", {"0": "phone"})
    with pytest.raises(Invalid) as refusal:
        service.change_rules(import_, {"consent": {"column": "99"}})
    assert refusal.value.field == "rules.consent"

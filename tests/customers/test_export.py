"""A person's data, whole and theirs alone: as JSON and as CSV files that no spreadsheet runs."""

from __future__ import annotations

import csv
import json
import zipfile
from io import BytesIO, StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask

from app.customers.privacy import export
from app.extensions import db
from tests import factories
from tests.customers.people import NAME, NATIONAL, OTHER, PHONE, known_everywhere


@pytest.fixture
def world(app: Flask, cast: SimpleNamespace) -> SimpleNamespace:
    return known_everywhere(cast.alice)


def test_it_holds_every_table_that_knows_them(world: SimpleNamespace) -> None:
    tables = export.export(world.customer)["tables"]
    assert {name for name, rows in tables.items() if rows} >= {
        *("customers", "consent_entries", "notes", "sales", "import_errors", "import_changes", "audit_entries"),
        *("messages", "limit_contacts", "stray_statuses", "recipients", "webhook_events"),
    }


def test_it_finds_what_was_never_joined_to_the_customer(world: SimpleNamespace) -> None:
    tables = export.export(world.customer)["tables"]
    assert len(tables["recipients"]) == 3
    assert [row["original"] for row in tables["import_errors"]] == [f"{NAME},98123 45678,Goa"]


def test_it_tells_nothing_of_others(world: SimpleNamespace) -> None:
    words = export.as_json(export.export(world.customer))
    assert OTHER not in words
    assert OTHER[1:] not in words
    assert "Bina" not in words


def test_it_is_json(world: SimpleNamespace) -> None:
    exported = json.loads(export.as_json(export.export(world.customer)))
    assert exported["tables"]["customers"][0]["phone"] == PHONE
    assert exported["tables"]["sales"][0]["product"] == f"Bali for {NATIONAL}"


def test_cells_that_would_run_as_formulas_are_made_harmless(app: Flask) -> None:
    customer = factories.make_customer(phone=PHONE, name='=HYPERLINK("http://x")', city="@SUM(A1)")
    archive = BytesIO()
    export.write_archive(export.export(customer), archive)
    with zipfile.ZipFile(archive) as files:
        row = next(csv.DictReader(StringIO(files.read("customers.csv").decode("utf-8-sig"))))
    assert (row["name"], row["city"], row["phone"]) == ('\'=HYPERLINK("http://x")', "'@SUM(A1)", PHONE)


def test_the_command_writes_json_to_the_terminal(world: SimpleNamespace, app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["customers", "export", "098123 45678"])
    assert json.loads(result.stdout)["tables"]["customers"][0]["name"] == NAME


def test_the_command_writes_an_archive(world: SimpleNamespace, app: Flask, tmp_path: Path) -> None:
    result = app.test_cli_runner().invoke(args=["customers", "export", PHONE, "--to", str(tmp_path / "zarina.zip")])
    assert result.exit_code == 0, result.output
    assert "messages.csv" in zipfile.ZipFile(tmp_path / "zarina.zip").namelist()


def test_the_command_says_what_is_no_number(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["customers", "export", "nobody"])
    assert result.exit_code == 1
    assert "This is no phone number" in result.output


def test_the_erasing_command_leaves_nothing(world: SimpleNamespace, app: Flask) -> None:
    runner = app.test_cli_runner()
    assert "Nothing is left of them." in runner.invoke(args=["customers", "erase", PHONE, "--yes"]).output
    assert "Nothing is left of them." in runner.invoke(args=["customers", "erase", PHONE, "--yes"]).output
    db.session.expire_all()
    assert export.export_person(export.Person())["tables"]["customers"] == []


def test_the_erasing_command_asks_first(world: SimpleNamespace, app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["customers", "erase", PHONE], input="n\n")
    assert result.exit_code == 1
    assert export.export(world.customer)["tables"]["customers"]

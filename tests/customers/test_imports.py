"""A file is received, found out how it reads, and read otherwise if a person says so."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage

from app import config
from app.campaigns.service import contacts
from app.customers.imports import service, uploads
from app.customers.imports.models import Import, ImportStatus
from app.shared.csv_table import BadRow, Contact
from app.shared.errors import Invalid, Refused


def test_it_finds_out_how_a_file_reads(app: Flask) -> None:
    import_ = _receive("Name;Phone;Città\nJosé;9812345678;Forlì\n".encode("cp1252"))

    reading = import_.reading
    assert (reading["encoding"], reading["delimiter"], reading["has_header"]) == ("cp1252", ";", True)
    assert reading["columns"] == ["Name", "Phone", "Città"]
    assert (reading["name_column"], reading["phone_column"]) == (0, 1)
    assert import_.status is ImportStatus.UPLOADED


def test_the_preview_tells_contacts_from_bad_rows(app: Flask) -> None:
    good, bad = contacts.preview(_receive(b"Name,Phone,City\nAsha,098123 45678,Goa\nBina,12,Pune\n"))

    assert isinstance(good, Contact)
    assert (good.phone, good.name, good.variables["City"]) == ("+919812345678", "Asha", "Goa")
    assert isinstance(bad, BadRow)
    assert bad.row == 3


def test_the_preview_is_short(app: Flask) -> None:
    assert len(contacts.preview(_receive(b"9812345678\n" * 100), limit=20)) == 20


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 xl/workbook", b"%PDF-1.7"])
def test_it_refuses_what_is_no_table_and_keeps_no_file(app: Flask, content: bytes) -> None:
    before = _stored()

    with pytest.raises(Invalid) as refusal:
        _receive(content)

    assert refusal.value.field == "file"
    assert _stored() == before


def test_it_asks_for_a_file(app: Flask) -> None:
    with pytest.raises(Invalid, match="Choose a CSV file"):
        uploads.receive_upload(FileStorage(BytesIO(b""), filename=""), None)


def test_a_person_may_choose_another_phone_column(app: Flask) -> None:
    import_ = _receive(b"Name,Phone,Mobile\nAsha,9812345678,9812345679\n")
    uploads.change_reading(import_, phone_column=2)

    assert [entry.phone for entry in contacts.preview(import_) if isinstance(entry, Contact)] == ["+919812345679"]
    assert import_.reading["name_column"] == 0


def test_a_person_may_say_how_the_text_is_encoded(app: Flask) -> None:
    import_ = _receive("Имя,Phone\nАня,9812345678\n".encode("cp1251"))
    uploads.change_reading(import_, encoding="cp1251")

    assert import_.reading["columns"] == ["Имя", "Phone"]


def test_other_columns_are_looked_through_anew(app: Flask) -> None:
    import_ = _receive(b"Name,Phone\nAsha,9812345678\n")
    uploads.change_reading(import_, delimiter=";", phone_column=1)

    assert import_.reading["columns"] == ["Name,Phone"]
    assert import_.reading["phone_column"] == 0


def test_there_is_no_tenth_column(app: Flask) -> None:
    with pytest.raises(Invalid) as refusal:
        uploads.change_reading(_receive(b"Name,Phone\nAsha,9812345678\n"), phone_column=9)

    assert refusal.value.field == "phone_column"


def test_the_reading_of_a_begun_import_stays(app: Flask) -> None:
    import_ = _receive(b"Name,Phone\nAsha,9812345678\n")
    service.start_reading(import_)

    with pytest.raises(Refused):
        uploads.change_reading(import_, phone_column=0)


def _receive(content: bytes) -> Import:
    return uploads.receive_upload(FileStorage(BytesIO(content), filename="people.csv"), None)


def _stored() -> set[str]:
    return {str(path) for path in (config.current().var_dir / "files").rglob("*.*")}

"""Columns are known by their names in many languages, and by what stands in them."""

from __future__ import annotations

import pytest

from app.customers.imports import guessing
from app.customers.imports.models import ImportKind


def guessed(kind: ImportKind, text: str, region: str = "IN") -> list[str]:
    """What each column of a semicolon table is guessed to be, in order; "" for skipped."""
    names, *rows = [line.split(";") for line in text.split("\n")]
    mapping = guessing.guess(kind, names, rows, region)
    return [mapping.get(str(index), "") for index in range(len(names))]


def test_it_knows_columns_by_their_names() -> None:
    table = "Full Name;WhatsApp No.;E-Mail;City;Time Zone;Opt-in;Loyalty Tier\nAsha;9812345678;a@b.in;Goa;;yes;gold"
    expected = ["name", "phone", "email", "city", "zone", "consent", "attribute:Loyalty Tier"]
    assert guessed(ImportKind.CUSTOMERS, table) == expected


@pytest.mark.parametrize(
    ("names", "fields"),
    [
        ("नाम;मोबाइल नंबर;शहर;टैग", ["name", "phone", "city", "tags"]),
        ("Nom;Téléphone;Ville;Langue", ["name", "phone", "city", "locale"]),
        ("Nombre;Móvil;Ciudad;Correo electrónico", ["name", "phone", "city", "email"]),
        ("Name;Handynummer;Wohnort;Einwilligung", ["name", "phone", "city", "consent"]),
        ("customerName;phone_number;E-mail*", ["name", "phone", "email"]),
        ("الاسم;رقم الهاتف;مدينة", ["name", "phone", "city"]),
    ],
)
def test_it_knows_the_names_of_other_languages(names: str, fields: list[str]) -> None:
    assert guessed(ImportKind.CUSTOMERS, names) == fields


def test_it_knows_the_columns_of_sales() -> None:
    names = "Customer Phone;Booking ID;Booking Date;Travel Date;Destination;Package;Total Amount (INR);Currency;Agent"
    row = "9812345678;BK-1;21/11/2026;05/12/2026;Bali;Bali 6N;₹52,000;INR;Ravi"
    expected = ["phone", "external_id", "sold_at", "starts_on", "category", "product", "amount", "currency", ""]
    assert guessed(ImportKind.SALES, f"{names}\n{row}") == expected


def test_contents_contradict_a_name() -> None:
    table = "Contact;Number\nAsha;9812345678\nBina;9812345679"
    assert guessed(ImportKind.CUSTOMERS, table) == ["attribute:Contact", "phone"]


def test_a_name_is_believed_where_nothing_else_fits() -> None:
    assert guessed(ImportKind.OPT_OUTS, "Phone;City\nunknown;Goa\n12;Pune") == ["phone", ""]


def test_of_two_columns_of_one_name_the_one_that_reads_well_is_taken() -> None:
    table = "Mobile;Phone\n;9812345678\nunknown;9812345679\n9812345670;9812345671"
    assert guessed(ImportKind.OPT_OUTS, table) == ["", "phone"]


def test_it_reads_columns_without_names_by_their_contents() -> None:
    table = "Column 1;Column 2;Column 3;Column 4\n9812345678;₹52,000.50;21/11/2026;Bali"
    assert guessed(ImportKind.SALES, table) == ["phone", "amount", "sold_at", ""]


def test_a_number_that_counts_something_is_no_amount() -> None:
    assert guessed(ImportKind.SALES, "Phone;Travellers\n9812345678;2") == ["phone", ""]


def test_numbers_are_read_where_the_workspace_is() -> None:
    assert guessed(ImportKind.OPT_OUTS, "Column 1\n0170 1234567", region="DE") == ["phone"]


def test_no_field_is_given_twice() -> None:
    fields = guessed(ImportKind.CUSTOMERS, "Name;Customer Name;Name 2\nAsha;Bina;Chitra")
    assert fields.count("name") == 1


def test_an_empty_table_is_no_trouble() -> None:
    assert guessing.guess(ImportKind.CUSTOMERS, [], [], "IN") == {}


def test_it_guesses_how_days_and_amounts_are_written() -> None:
    mapping = {"0": "sold_at", "1": "starts_on", "2": "amount"}
    rows = [["05/04/2026", "21/04/2026", "1.250"], ["06/04/2026", "", "12,50"]]
    assert guessing.guess_dates(mapping, rows, "US") == ("dmy", True)
    assert guessing.guess_decimals(mapping, rows) == ","


def test_without_days_there_is_no_order_to_guess() -> None:
    assert guessing.guess_dates({"0": "phone"}, [["9812345678"]], "IN") is None

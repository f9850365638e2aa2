import codecs
import random
import time
from dataclasses import asdict
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.shared import csv_table

HEADED = "Name;Phone;City\nRavi, Kumar;9812345678;Pune\nSita;9812345679;Zürich\n"


def test_it_reads_a_semicolon_table_with_names_full_of_commas():
    dialect = csv_table.sniff(HEADED.encode())
    assert dialect == csv_table.Dialect("utf-8-sig", ";", True, ["Name", "Phone", "City"], 1)


@pytest.mark.parametrize(
    ("text", "encoding", "known_as"),
    [
        (HEADED, "utf-8", "utf-8-sig"),
        (HEADED, "utf-8-sig", "utf-8-sig"),
        (HEADED, "utf-16", "utf-16"),
        (HEADED, "cp1252", "cp1252"),
        (HEADED.replace("ü", "u"), "ascii", "utf-8-sig"),
    ],
)
def test_it_tells_the_encoding(text, encoding, known_as):
    data = text.encode(encoding)
    assert csv_table.sniff(data).encoding == known_as
    assert csv_table.detect_encoding(BytesIO(data)) == known_as
    assert csv_table.sniff(data).columns == ["Name", "Phone", "City"]


def test_it_decides_the_encoding_by_the_whole_file():
    data = b"Phone,Name\n" + b"9812345678,Ravi\n" * 10_000
    assert csv_table.detect_encoding(BytesIO(data + "9812345678,Zoë\n".encode("cp1252"))) == "cp1252"
    assert csv_table.detect_encoding(BytesIO(data + "9812345678,Zoë\n".encode())) == "utf-8-sig"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_it_finds_the_delimiter(mark):
    dialect = csv_table.sniff(HEADED.replace(", ", " ").replace(";", mark).encode())
    assert (dialect.delimiter, dialect.phone_column) == (mark, 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_it_obeys_a_spreadsheets_sep_line(encoding):
    data = "sep=^\r\nName^Phone\r\nRavi^9812345678\r\n".encode(encoding)
    dialect = csv_table.sniff(data)
    assert (dialect.delimiter, dialect.columns) == ("^", ["Name", "Phone"])
    assert [row.number for row in csv_table.rows(BytesIO(data), dialect)] == [2]


@pytest.mark.parametrize("line", ["919812345678", "+91 98123 45678", "9812345678", "'9812345678", "9.19E+11"])
def test_it_recognises_the_bare_format(line):
    dialect = csv_table.sniff(f"{line}\n{line}\n".encode())
    assert dialect == csv_table.Dialect("utf-8-sig", ",", False, ["Column 1"], 0)


@pytest.mark.parametrize(
    ("header", "row", "column"),
    [
        ("Order number,WhatsApp,Phone", "1234567890,9812345678,9812345678", 1),
        ("Contact name,Mobile No", "Ravi,9812345678", 1),
        ("Name,Telefon privat", "Ravi,09812345678", 1),
        ("Name,Joined,Number", "Ravi,21-11-2026,9812345678", 2),
        ("a,b,c", "Ravi,2026-11-21,+91 98123 45678", 2),
        ("Name,City", "Ravi,Pune", None),
        ("Name,मोबाइल", "Ravi,9812345678", 1),
    ],
)
def test_it_guesses_the_phone_column(header, row, column):
    assert csv_table.sniff(f"{header}\n{row}\n".encode()).phone_column == column


def test_it_knows_a_table_without_header():
    dialect = csv_table.sniff(b"Ravi,9812345678\nSita,9812345679,x\n")
    assert (dialect.has_header, dialect.columns) == (False, ["Column 1", "Column 2", "Column 3"])


def test_it_gives_every_column_a_name_of_its_own():
    dialect = csv_table.sniff(b" Phone ,City,City,,City 2\n9812345678,a,b,c,d\n")
    assert dialect.columns == ["Phone", "City", "City 2", "Column 4", "City 2 2"]


def test_it_lets_people_overrule_each_guess():
    dialect = csv_table.sniff(HEADED.encode(), delimiter=",", encoding="cp1252", has_header=False)
    assert (dialect.delimiter, dialect.encoding, dialect.has_header) == (",", "cp1252", False)


def test_it_can_be_stored_and_made_again():
    dialect = csv_table.sniff(HEADED.encode())
    assert csv_table.Dialect(**asdict(dialect)) == dialect


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        (b"", "This file is empty."),
        (codecs.BOM_UTF8 + b"\r\n \r\n", "This file is empty."),
        (b"Name,Phone\n", "This file has a header row and nothing below it."),
        (b"PK\x03\x04..[Content_Types].xml..xl/workbook.xml", "This is an Excel workbook; save it as CSV first."),
        (b"PK\x03\x04 something", "This is a ZIP archive; unpack it first."),
        (b"%PDF-1.7\n", "This is a PDF, not a table; export the list as CSV."),
        (b"<html><table>", "This is a web page or XML, not a table; save the list as CSV."),
        (b"7z\xbc\xaf..", "This file is compressed (7-Zip); unpack it first."),
        ("Phone\n1".encode("utf-32"), "This file is written in UTF-32; save it as CSV (UTF-8)."),
        (b'[{"phone": "9812345678"}]', "This is JSON, not a table; save the list as CSV."),
        (b"BEGIN:VCARD\n", "This is an address book (vCard), not a table; export the contacts as CSV."),
        (
            b'"Asha,9812345678',
            "No row of this file can be read: a quotation mark is not closed, or not within 100 lines in row 1.",
        ),
        (random.Random(1).randbytes(4000), "This is not a text file; save the list as CSV (UTF-8)."),
    ],
)
def test_it_says_what_a_file_is_that_holds_no_table(head, sentence):
    with pytest.raises(csv_table.Unreadable) as refusal:
        csv_table.sniff(head)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("wrong", [{"delimiter": '"'}, {"delimiter": "ab"}, {"encoding": "rot13"}])
def test_it_refuses_an_impossible_choice(wrong):
    with pytest.raises(csv_table.Unreadable):
        csv_table.sniff(HEADED.encode(), **wrong)


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "ignore")))
def test_it_reads_or_refuses_any_bytes(data):
    try:
        dialect = csv_table.sniff(data)
    except csv_table.Unreadable:
        return
    for contact in csv_table.read_contacts(
        csv_table.rows(BytesIO(data), dialect), dialect, "IN", phone_column=dialect.phone_column or 0
    ):
        assert contact.end_byte <= len(data)


def test_it_refuses_more_columns_than_a_table_may_have() -> None:
    with pytest.raises(csv_table.Unreadable, match="201 columns"):
        csv_table.sniff(
            (",".join(["Phone", *(f"c{i}" for i in range(200))]) + "\n" + "9820012345," * 200 + "\n").encode()
        )


@pytest.mark.parametrize("cell", [" " * 30_000 + "x", "(" * 30_000, "1 " * 15_000 + "x", "=" * 30_000])
def test_a_long_cell_keeps_nobody_waiting(cell):
    began = time.perf_counter()
    csv_table.sniff(f'"{cell}",Phone\n"{cell}",9812345678\n'.encode())
    assert time.perf_counter() - began < 2

import csv
from decimal import Decimal
from io import BytesIO, StringIO

import pytest

from app.shared import csv_table
from app.shared.csv_table import BadRow, Contact


def contacts(data, name_column=None):
    dialect = csv_table.sniff(data)
    rows = csv_table.rows(BytesIO(data), dialect)
    return list(
        csv_table.read_contacts(rows, dialect, "IN", phone_column=dialect.phone_column, name_column=name_column)
    )


def test_it_makes_contacts_of_rows():
    data = "Name;Phone;City\n Zoë ;098123 45678; Pune\n".encode("cp1252")
    variables = {"Name": "Zoë", "City": "Pune"}
    assert contacts(data, name_column=0) == [Contact(2, "+919812345678", "Zoë", variables, len(data))]


def test_it_needs_nothing_but_numbers():
    found = contacts(b"919812345678\n447911123456\n")
    assert [(contact.phone, contact.name, contact.variables) for contact in found] == [
        ("+919812345678", None, {}),
        ("+447911123456", None, {}),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Ravi,12345,x", "Phone “12345”: too short for a number in India"),
        ("Ravi,abc,x", "Phone “abc”: not a number"),
        ("Ravi,,x", "Phone: no phone number"),
        ("Ravi,9812345679,x,y", "4 cells, but there are only 3 columns"),
        ("Ravi,9812345679," + "x" * 1001, f"City “{'x' * 39}…”: longer than 1,000 characters"),
        ('Ravi,9812345679,"x', "a quotation mark is not closed, or not within 100 lines"),
    ],
)
def test_it_keeps_a_bad_row_with_its_reason(row, reason):
    good, bad = contacts(f"Name,Phone,City\nSita,9812345678,Pune\n{row}\n".encode(), name_column=0)
    assert good.name == "Sita"
    assert isinstance(bad, BadRow)
    assert (bad.row, bad.reason, bad.raw) == (3, reason, row)


def test_it_has_no_name_where_the_cell_is_empty():
    assert contacts(b"Name,Phone\n ,9812345678\n", name_column=0)[0].name is None


@pytest.mark.parametrize("cell", ["=1+1", "+1+cmd", "-2", "@SUM(A1)", "\tx", "\rx", "＝1"])
def test_it_disarms_what_a_spreadsheet_would_run(cell):
    assert exported([[cell]], ["a"])[1] == ["'" + cell]


@pytest.mark.parametrize("cell", ["+919812345678", "Ravi, Kumar", 'a "b"', "two\nlines"])
def test_it_exports_other_text_as_it_is(cell):
    assert exported([[cell]], ["a"])[1] == [cell]


def test_it_exports_numbers_as_numbers_and_nothing_as_nothing():
    assert exported([[Decimal("-1.50"), -3, None]], ["=a", "b", "c"]) == [["'=a", "b", "c"], ["-1.50", "-3", ""]]


def test_it_can_read_its_own_export():
    data = "".join(csv_table.export([["+919812345678", "Zoë, Pune"]], ["Phone", "Name"])).encode()
    assert contacts(data, name_column=1)[0][1:3] == ("+919812345678", "Zoë, Pune")


def exported(rows, header):
    return list(csv.reader(StringIO("".join(csv_table.export(rows, header)), newline="")))

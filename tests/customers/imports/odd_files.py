"""Files as nobody should make them and somebody always does: a corpus by hand, and a strategy for any number more."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable

from hypothesis import strategies as st

GOOD = b"Name,Phone,Amount,Date\nAsha,9812345678,500,2026-10-21\nBina,9812345679,600,2026-10-22\n"
HEAD = b"Name,Phone,Amount,Date\n"


def _zipped(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, GOOD)
    return packed.getvalue()


def _rows(*cells: str, head: bytes = HEAD) -> bytes:
    """One row for each name, with a number of its own."""
    return head + b"".join(b"%s,98123%05d,500,2026-10-21\n" % (cell.encode(), n) for n, cell in enumerate(cells))


def _phones(*cells: str) -> bytes:
    return b"Phone,Name\n" + b"".join(f'"{cell}",x\n'.encode() for cell in cells)


_NOISE = random.Random(5).randbytes(20_000)
_FORMULAS = ("=1+1", "=cmd|'/C calc'!A0", "@SUM(A1:A9)", "+1+1", "-1+1", '"=HYPERLINK(""http://x"",""y"")"', "\t=1+1")
_MARKUP = (
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "${7*7}",
    "%s%n",
    "'; DROP TABLE customers; --",
    "\\N",
    "\\.",
    "NULL",
)

CORPUS: dict[str, bytes] = {
    "empty": b"",
    "one byte": b"x",
    "one NUL": b"\0",
    "blanks": b" \n\t\n   \n",
    "only line ends": b"\n" * 5000,
    "only commas": b",,,\n" * 500,
    "only quotes": b'""\n' * 50,
    "only a header": b"Name,Phone\n",
    "only a byte order mark": b"\xef\xbb\xbf",
    "only half a byte order mark": b"\xff",
    "only a UTF-16 mark": b"\xff\xfe",
    "only sep": b"sep=;\n",
    "a header twice": HEAD + HEAD + GOOD,
    "names twice": b"Phone,Phone,Phone\n9812345678,9812345679,\n",
    "names empty": b",,,\nAsha,9812345678,500,2026-10-21\n",
    "names of NUL": b"\0\0,\0Phone\nAsha,9812345678\n",
    "names too long": b"n" * 5000 + b",Phone\nAsha,9812345678\n",
    "names as fields": b"attribute:x,attribute:,phone,consent\na,b,9812345678,perhaps\n",
    "zip": _zipped("list.csv"),
    "xlsx": _zipped("[Content_Types].xml", "xl/workbook.xml"),
    "ods": _zipped("mimetype", "content.xml"),
    "gzip": gzip.compress(GOOD),
    "bzip2": bz2.compress(GOOD),
    "7-Zip": b"7z\xbc\xaf\x27\x1c" + _NOISE,
    "old Excel": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + _NOISE,
    "PDF": b"%PDF-1.7\n" + _NOISE,
    "picture": b"\x89PNG\r\n\x1a\n" + _NOISE,
    "noise": _NOISE,
    "a program": b"\x7fELF" + bytes(2000),
    "zeros": bytes(70_000),
    "web page": b"<!DOCTYPE html><table><tr><td>9812345678</td></tr></table>",
    "XML": b'<?xml version="1.0"?><rows/>',
    "JSON": json.dumps([{"phone": "9812345678"}]).encode(),
    "JSON of lists": b'[["phone"],["9812345678"]]',
    "vCard": b"BEGIN:VCARD\nTEL:9812345678\nEND:VCARD\n",
    "rich text": b"{\\rtf1 9812345678}",
    "UTF-16 little": GOOD.decode().encode("utf-16"),
    "UTF-16 big": b"\xfe\xff" + GOOD.decode().encode("utf-16-be"),
    "UTF-16 without a mark": GOOD.decode().encode("utf-16-le"),
    "UTF-16 cut": GOOD.decode().encode("utf-16")[:-1],
    "UTF-16 of halves": "Phone,Name\n9812345678,\ud83d\n".encode("utf-16", "surrogatepass"),
    "UTF-32": GOOD.decode().encode("utf-32"),
    "UTF-8 of halves": "Phone,Name\n9812345678,\ud83d\udc4b\n".encode("utf-8", "surrogatepass"),
    "UTF-8 overlong": b"Phone,Name\n9812345678,\xc0\xaf\xe0\x80\xaf\n",
    "UTF-8 cut": "Phone,Name\n9812345678,ज़ोया".encode()[:-1],
    "cp1252": "Phone,Name\n9812345678,Zoë Müller\n".encode("cp1252"),
    "cp1252 and UTF-8": "Phone,Name\n9812345678,Zoë\n".encode() + "9812345679,Zoë\n".encode("cp1252"),
    "undefined in cp1252": b"Phone,Name\n9812345678,\x81\x8d\x8f\x90\x9d\n",
    "EBCDIC": GOOD.decode().encode("cp500"),
    "Mac line ends": GOOD.replace(b"\n", b"\r"),
    "mixed line ends": b"Name,Phone\r\nAsha,9812345678\rBina,9812345679\nCara,9812345670\n\r\nDora,9812345671",
    "other line ends": "Name,Phone\u2028Asha,9812345678\u2029\x0bBina,9812345679\x0c\x85".encode(),
    "control Z": GOOD + b"\x1a",
    "NULs in cells": b"Name,Phone\nA\0sha,9812345678\n\0,\0\nBina,9812345679\n",
    "NULs at the end": GOOD + bytes(3000),
    "a quote never closed": b'Name,Phone\n"Asha,9812345678\nBina,9812345679\n',
    "a quote on every line": b'Name,Phone\n' + b'"x,9812345678\n' * 400,
    "quotes inside": b'Name,Phone\nAs"ha,9812345678\n"Bi""na",9812345679\n"Cara"x,9812345670\n',
    "other quotes": b"Name,Phone\n'Asha, x',9812345678\n\xe2\x80\x9cBina\xe2\x80\x9d,9812345679\n",
    "lines in cells": b'Name,Phone\n"As\r\nha\n",9812345678\n' + b'"' + b"x\n" * 300 + b'",9812345679\n',
    "semicolons": GOOD.replace(b",", b";"),
    "tabs": GOOD.replace(b",", b"\t"),
    "bars": GOOD.replace(b",", b"|"),
    "no delimiter we know": GOOD.replace(b",", b"~"),
    "a delimiter of its own": b"sep=^\n" + GOOD.replace(b",", b"^"),
    "a quote as delimiter": b'sep="\n' + GOOD,
    "fixed width": b"Asha      9812345678 500\nBina      9812345679 600\n",
    "delimiters mixed": b"Name;Phone,City\nAsha;9812345678,Goa\nBina,9812345679;Pune\n",
    "ragged": b"Name,Phone,City\nAsha\nBina,9812345679\nCara,9812345670,Goa,x,y\n,,,,,,,\n9812345671\n",
    "5,000 columns": b",".join(b"c%d" % n for n in range(5000)) + b"\n" + b"x," * 5000 + b"\n",
    "5,000 cells in a row": GOOD + b"x," * 5000 + b"\n",
    "200 columns": b"Phone," + b",".join(b"c%d" % n for n in range(199)) + b"\n9812345678" + b",x" * 199 + b"\n",
    "a cell of 1 MB": _rows("x" * 1_000_000, "Bina"),
    "a header of 1 MB": b"x" * 1_000_000 + b",Phone\nAsha,9812345678\n",
    "a line of 3 MB": b"x," * 1_500_000,
    "a quoted cell of 1 MB": HEAD + b'"' + (b"x" * 99 + b"\n") * 10_000 + b'",9812345678,500,2026-10-21\n' + GOOD,
    "a cell of blanks": HEAD + b'"' + b" " * 30_000 + b'x",9812345678,500,2026-10-21\n',
    "a header of blanks": b'"' + b" " * 30_000 + b'x",Phone\nAsha,9812345678\n',
    "cells of brackets": _rows("(" * 20_000, "<" * 20_000, "<a" * 10_000, "=" * 20_000),
    "one column": b"9812345678\n9812345679\n",
    "one cell": b"9812345678",
    "no phone anywhere": b"a,b\nc,d\n",
    "formulas": _rows(*_FORMULAS),
    "markup": _rows(*_MARKUP),
    "directions": _rows("\u202egnp.exe", "\u200b", "\ufeff", "a\u0300" * 400, "👩‍👩‍👧‍👦" * 50),
    "phones": _phones("9.81235E+09", "98123 45678 / 98123 45679", "+" * 50, "0" * 300, "٩٨١٢٣٤٥٦٧٨", "98123-45678 x9"),
    "phones again": _phones(*["9812345678", "+91 98123 45678", "098123 45678"] * 3),
    "amounts": b"Phone,Amount,Date\n" + b"".join(
        f'9812345678,"{one}",2026-10-21\n'.encode()
        for one in ("1e309", "NaN", "Infinity", "-0", "9" * 400, "0." + "1" * 400, "1,2,3", "₹", "½", "１２３", "0x1F")
    ),
    "days": b"Phone,Amount,Date\n" + b"".join(
        f'9812345678,5,"{one}"\n'.encode()
        for one in (
            "31/02/2026", "0000-00-00", "99999-01-01", "2026-13-45T99:99:99Z", "10000000-01-01", "46347", "now",
            "1601-01-01", "2026-10-21T10:00:00+99:00", "0001-01-01 00:00 +23:59", "9999-12-31T23:59:59-23:59",
            "५/६/२०२६",
        )
    ),
    "one booking often": b"Phone,Amount,Date,Booking ID\n" + b"9812345678,5,2026-10-21,A\n" * 300,
    "two people in a row": b"Phone,User ID\n9812345678,IN.1\n9812345679,IN.1\n9812345678,IN.2\n,IN.1\n",
}  # fmt: skip
"""By what is odd about them."""

_CELLS = st.sampled_from(
    [
        "", " ", "Asha", "9812345678", "+91 98123 45679", "098123-45670", "12", "9.8E+09", "IN.1349120865", "500",
        "₹1,25,000.50", "1.250", "1.250,50 €", "-5", "1e309", "NaN", "2026-10-21", "21/10/2026 10:30", "31/02/2026",
        "05/04/2026", "46347", "a@b.in", "Asia/Kolkata", "en_IN", "yes", "no", "vip; goa", "INR", "=1+1", "@x", '"',
        '""', "'", "\\N", "\\.", "\0", "\n", "\r\n", "\r", "\t", "\x0b", "\x1a", "\u2028", "\ufeff", "\u202e", "\ufffd",
        "ज़ोया", "👋🏽", "x" * 2000, "y" * 40_000,
    ]
)  # fmt: skip
_NAMES = st.sampled_from(
    [
        "Phone", "Mobile", "Name", "Email", "City", "Amount", "Currency", "Date", "Travel Date", "Booking ID", "Tags",
        "User ID", "Consent", "Language", "Time zone", "Reason", "", " ", "attribute:x", "फ़ोन", "x" * 300, "\0", "=1",
        '"', "Phone",
    ]
)  # fmt: skip
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "gb18030", "cp500")


@st.composite
def odd_files(draw: st.DrawFn) -> bytes:
    """A table of odd cells, written in an odd way, and then damaged."""
    width = draw(st.integers(1, 7))
    row = st.lists(st.one_of(_CELLS, _CELLS, _CELLS, st.text(max_size=20)), min_size=width, max_size=width)
    table = draw(st.lists(row, max_size=12))
    if draw(st.integers(0, 4)):
        table.insert(0, draw(st.lists(_NAMES, min_size=width, max_size=width)))
    if draw(st.integers(0, 3)) == 0:
        table = [cells[: draw(st.integers(0, width))] + ["more"] * draw(st.integers(0, 2)) for cells in table]
    text = draw(st.sampled_from((_plain, _quoted, _carelessly)))(table, draw(st.sampled_from(",;\t|~")))
    data = text.encode(draw(st.sampled_from(_ENCODINGS * 2 + ("utf-8",) * 16)), "replace")
    return draw(st.one_of(st.just(data), st.just(data), _damaged(data)))


def _written(table: list[list[str]], delimiter: str, quoting: int) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows(table)
    return text.getvalue()


def _plain(table: list[list[str]], delimiter: str) -> str:
    return _written(table, delimiter, csv.QUOTE_MINIMAL)


def _quoted(table: list[list[str]], delimiter: str) -> str:
    return _written(table, delimiter, csv.QUOTE_ALL).replace("\n", "\r\n")


def _carelessly(table: list[list[str]], delimiter: str) -> str:
    """As programs do whose authors never met a comma in a name."""
    return "\r".join(delimiter.join(cells) for cells in table)


@st.composite
def _damaged(draw: st.DrawFn, data: bytes) -> bytes:
    place = draw(st.integers(0, len(data)))
    damages: tuple[Callable[[], bytes], ...] = (
        lambda: data[:place],
        lambda: data[place:],
        lambda: data[:place] + draw(st.binary(max_size=40)) + data[place:],
        lambda: data[:place] + b'"' + data[place:],
        lambda: data[:place] + bytes(draw(st.integers(1, 50))) + data[place:],
        lambda: data * draw(st.integers(2, 40)),
        lambda: b"sep=" + data,
        lambda: data[:place] + data[:place][::-1],
    )
    return draw(st.sampled_from(damages))()

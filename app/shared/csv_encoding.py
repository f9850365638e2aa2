"""What a file's bytes are: which text encoding, or no table at all.

Encoding is decided line by line, not from the beginning of a file: under "utf-8-sig" a line that is not UTF-8
is read as cp1252 (`csv_lines`). Text in cp1252 practically never happens to be valid UTF-8, so both kinds
come out right, even mixed in one file, even after gigabytes of plain ASCII. What is decided here once is only what
a line cannot say: UTF-16, and a file in which no line is UTF-8.
"""

import codecs
import re
from collections.abc import Iterable
from typing import BinaryIO

CHUNK = 1 << 16
MAX_CONTROL_SHARE = 0.02
"""Control characters a text may hold, as a share of its bytes; binary files hold far more."""
ENCODINGS = {
    "utf-8-sig": "Unicode (UTF-8)",
    "utf-16": "Unicode (UTF-16, Excel's “Unicode text”)",
    "cp1252": "Western European (Windows-1252)",
    "cp1250": "Central European (Windows-1250)",
    "cp1251": "Cyrillic (Windows-1251)",
    "cp1254": "Turkish (Windows-1254)",
    "cp1256": "Arabic (Windows-1256)",
    "gb18030": "Chinese, simplified (GB18030)",
    "big5": "Chinese, traditional (Big5)",
    "shift_jis": "Japanese (Shift JIS)",
    "euc-kr": "Korean (EUC-KR)",
}
"""Encodings a person may choose, with what people call them."""

_STRANGERS = (
    (b"\xd0\xcf\x11\xe0", "This is an old Excel workbook (.xls); save it as CSV first."),
    (b"%PDF", "This is a PDF, not a table; export the list as CSV."),
    (b"\x1f\x8b", "This file is compressed (gzip); unpack it first."),
    (b"7z\xbc\xaf", "This file is compressed (7-Zip); unpack it first."),
    (b"Rar!", "This file is compressed (RAR); unpack it first."),
    (b"\xff\xfe\x00\x00", "This file is written in UTF-32; save it as CSV (UTF-8)."),
    (b"\x00\x00\xfe\xff", "This file is written in UTF-32; save it as CSV (UTF-8)."),
    (b"{\\rtf", "This is a word processor's document; save the list as CSV."),
    (b"\x89PNG", "This is a picture, not a table."),
    (b"\xff\xd8\xff", "This is a picture, not a table."),
)
_WEB_PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|table|\?xml)", re.IGNORECASE)
_JSON = re.compile(rb"(\xef\xbb\xbf)?\s*(\[\s*[{\[]|\{\s*\"[^\"\n]*\"\s*:)")
_CARDS = re.compile(rb"(\xef\xbb\xbf)?\s*BEGIN:VCARD", re.IGNORECASE)
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\v\f\r\x1a")


class Unreadable(ValueError):
    """A file no table can be read from; `str()` is a sentence for people."""


def refuse_strangers(head: bytes, encoding: str) -> None:
    """Raise `Unreadable` with a sentence when the head of a file shows that it is no text."""
    if head.startswith(b"PK\x03\x04"):
        raise Unreadable(_zip_sentence(head))
    for magic, sentence in _STRANGERS:
        if head.startswith(magic):
            raise Unreadable(sentence)
    if _WEB_PAGE.match(head):
        raise Unreadable("This is a web page or XML, not a table; save the list as CSV.")
    if _JSON.match(head):
        raise Unreadable("This is JSON, not a table; save the list as CSV.")
    if _CARDS.match(head):
        raise Unreadable("This is an address book (vCard), not a table; export the contacts as CSV.")
    if encoding != "utf-16" and _control_share(head) > MAX_CONTROL_SHARE:
        raise Unreadable("This is not a text file; save the list as CSV (UTF-8).")


def detect_encoding(stream: BinaryIO) -> str:
    """The encoding of a whole file: "utf-8-sig", "utf-16" or "cp1252". Reads to its end; constant memory."""
    return encoding_of(iter(lambda: stream.read(CHUNK), b""))


def encoding_of(chunks: Iterable[bytes]) -> str:
    """The encoding of a text that comes in pieces; the last character may be cut."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    broken = False
    for number, chunk in enumerate(chunks):
        if number == 0 and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        text = decoder.decode(chunk)
        if not text.isascii():
            if not text.replace("\ufffd", "").isascii():
                return "utf-8-sig"
            broken = True
    return "cp1252" if broken else "utf-8-sig"


def known(encoding: str) -> str:
    """The encoding, when it is one of `ENCODINGS`; otherwise `Unreadable`."""
    if encoding not in ENCODINGS:
        raise Unreadable(f"Files cannot be read in the encoding “{encoding[:40]}”.")
    return encoding


def _control_share(head: bytes) -> float:
    return (len(head) - len(head.translate(None, _CONTROLS))) / max(len(head), 1)


def _zip_sentence(head: bytes) -> str:
    if b"xl/" in head or b"[Content_Types].xml" in head:
        return "This is an Excel workbook; save it as CSV first."
    if b"opendocument.spreadsheet" in head:
        return "This is a LibreOffice spreadsheet; save it as CSV first."
    return "This is a ZIP archive; unpack it first."

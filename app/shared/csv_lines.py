"""A stream of bytes as decoded lines, of bounded length, each with the bytes it took."""

import codecs
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import BinaryIO

from app.shared.csv_encoding import CHUNK

MAX_RECORD = 256 * 1024
"""Bytes of one record, and of one physical line."""
MAX_LINES = 100
"""Lines of one record: enough for any address or note, few enough to read again after a stray quote."""

_SEP_LINE = re.compile(rb'"?sep=."?[\r\n]*', re.IGNORECASE)


class Endless(Exception):
    """The record at hand grows past its bounds, or the file ends inside it."""


class Lines:
    """The lines of a table for `csv.reader`; those of the record at hand are remembered in `held`."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        wide = encoding == "utf-16"
        self.held: list[bytes] = []
        self.end_byte = 0
        self._text = ""
        self._ahead: deque[bytes] = deque()
        self._decode = _decoder("utf-8-sig" if wide else encoding)
        self._size: Callable[[bytes], int] = _wide_size if wide else len
        self._source = _lines(_Narrow(stream).read if wide else stream.read)
        self._skip_preamble()

    def feed(self) -> Iterator[str]:
        """Decoded lines, as often as the reader asks. Raises `Endless` instead of growing without bound."""
        held, decode, size = self.held, self._decode, 0
        while (line := self._next()) is not None:
            size = size + len(line) if held else len(line)
            held.append(line)
            if size > MAX_RECORD or len(held) > MAX_LINES:
                raise Endless
            self._text = text = decode(line)
            yield text
        if held:  # the reader asked for more of a record it had begun: a quote is still open
            raise Endless

    def texts(self) -> list[str]:
        """The decoded lines of the record at hand."""
        return [self._text] if len(self.held) == 1 else [self._decode(line) for line in self.held]

    def take(self) -> str:
        """The original text of the record at hand, which is hereby read."""
        held = self.held
        text = self._text if len(held) == 1 else "".join(self.texts())
        for line in held:
            self.end_byte += self._size(line)
        held.clear()
        return text.rstrip("\r\n")

    def keep_first(self) -> int:
        """Give back all lines of the record at hand but the first, to be read again; returns its bytes.

        Of a line too long to hold, only the beginning stays; the rest is read and dropped here.
        """
        self._ahead.extendleft(reversed(self.held[1:]))
        del self.held[1:]
        first = part = self.held[0]
        length = len(first)
        while length > MAX_RECORD and not part.endswith((b"\n", b"\r")) and (more := self._next()) is not None:
            self.end_byte += self._size(more)
            length += len(more)
            part = more
        self._text = self._decode(first)
        return length

    def _next(self) -> bytes | None:
        return self._ahead.popleft() if self._ahead else next(self._source, None)

    def _skip_preamble(self) -> None:
        # Excel writes and hides both: a byte order mark, and a first line that names the delimiter.
        line = self._next() or b""
        if line.startswith(codecs.BOM_UTF8):
            self.end_byte += self._size(codecs.BOM_UTF8)
            line = line[len(codecs.BOM_UTF8) :]
        if _SEP_LINE.fullmatch(line):
            self.end_byte += self._size(line)
        elif line:
            self._ahead.append(line)


def named_delimiter(head: bytes, encoding: str) -> str | None:
    """The delimiter that a first line like "sep=;" names."""
    found = re.match(r'"?sep=(.)"?[\r\n]', head[:40].decode(encoding, "replace"), re.IGNORECASE)
    return found[1] if found else None


class _Narrow:
    """A UTF-16 stream as UTF-8, because bytes of UTF-16 cannot be cut at line ends."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._marked = True
        self._decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")

    def read(self, size: int) -> bytes:
        while data := self._stream.read(size):
            if text := self._decoder.decode(data):
                return self._with_mark(text).encode("utf-8")
        return self._decoder.decode(b"", final=True).encode("utf-8")

    def _with_mark(self, text: str) -> str:
        # The decoder takes the mark away, but its bytes are read and must be counted.
        mark, self._marked = ("\ufeff" if self._marked else ""), False
        return mark + text


def _lines(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Lines with their ends (LF, CR or CRLF); a line longer than `MAX_RECORD` comes in pieces."""
    rest = b""
    while chunk := read(CHUNK):
        lines = (rest + chunk).splitlines(keepends=True)
        # A CR at the end of a chunk may be the first half of CRLF: it waits, like a line cut in two.
        rest = b"" if lines[-1].endswith(b"\n") else lines.pop()
        yield from lines
        if len(rest) > MAX_RECORD:
            yield rest
            rest = b""
    if rest:
        yield rest


def _decoder(encoding: str) -> Callable[[bytes], str]:
    if encoding == "utf-8-sig":
        return _utf8_or_cp1252
    return lambda line: line.decode(encoding, "replace")


def _utf8_or_cp1252(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


def _wide_size(line: bytes) -> int:
    return len(line.decode("utf-8", "replace").encode("utf-16-le"))

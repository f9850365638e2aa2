"""A search for a person in everything that the house keeps, which knows nothing of the house: it asks PostgreSQL what
tables and columns there are, walks the folder of files, and reads Redis key by key."""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app import config
from app.extensions import db, redis_connection

_TOKEN = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_COLUMNS = """
    SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
    ORDER BY 1, 2"""


@dataclass(frozen=True)
class Wanted:
    """The last digits of a number, which every spelling has, and words such as a name or an address."""

    digits: str
    words: Sequence[str] = ()

    def is_in(self, content: str | bytes) -> bool:
        """Whether the person is named, in whatever spelling, also within base64 or UTF-16."""
        found = content.encode("utf-8", "replace") if isinstance(content, str) else content
        readings = [found.decode("utf-8", "replace")]
        if b"\0" in found:
            readings += [found.decode("utf-16-le", "replace"), found.decode("utf-16-be", "replace")]
        return any(self._is_in(reading) for reading in readings)

    def _is_in(self, reading: str) -> bool:
        plain = " ".join(reading.casefold().split())
        if any(word.casefold() in plain for word in self.words):
            return True
        bare = "".join(str(int(char)) if char.isdecimal() else char for char in reading)
        between = r"[^0-9A-Za-z]{0,3}"
        return bool(re.search(between.join(self.digits), bare)) or self._is_coded(reading)

    def _is_coded(self, reading: str) -> bool:
        """The number in base64, wherever in the coded bytes it begins."""
        wanted = self.digits.encode()
        for token in _TOKEN.findall(reading):
            for start in range(4):
                piece = token[start:]
                piece = piece[: len(piece) // 4 * 4]
                with suppress(ValueError):
                    if wanted in base64.b64decode(piece, altchars=b"-_" if re.search("[-_]", piece) else None):
                        return True
        return False


def in_database(wanted: Wanted) -> list[str]:
    """The columns of any table, of whatever type, in which the person stands."""
    return sorted({place for place, content in _cells() if wanted.is_in(content)})


def in_files(wanted: Wanted) -> list[str]:
    """The files of the house in whose name or content the person stands."""
    folder = config.current().var_dir
    found = (path for path in folder.rglob("*") if wanted.is_in(path.name) or _holds(path, wanted))
    return sorted(str(path.relative_to(folder)) for path in found)


def in_redis(wanted: Wanted) -> list[str]:
    """The keys in whose name or value the person stands; RQ packs what it keeps of a job."""
    return sorted({key.decode() for key, content in _values() if wanted.is_in(key) or wanted.is_in(content)})


def everywhere(wanted: Wanted) -> list[str]:
    """Every place in database, files and Redis where the person stands."""
    return in_database(wanted) + in_files(wanted) + in_redis(wanted)


def _cells() -> Iterator[tuple[str, str | bytes]]:
    for table, column, kind in db.session.execute(text(_COLUMNS)).all():
        value = f'"{column}"' if kind == "bytea" else f'"{column}"::text'
        query = text(f'SELECT {value} FROM "{table}" WHERE "{column}" IS NOT NULL')
        for content in db.session.scalars(query):
            yield f"{table}.{column}", bytes(content) if kind == "bytea" else content


def _holds(path: Path, wanted: Wanted) -> bool:
    return path.is_file() and wanted.is_in(path.read_bytes())


def _values() -> Iterator[tuple[bytes, bytes]]:
    redis: Any = redis_connection()
    for key in redis.scan_iter():
        for part in _parts(redis, key):
            with suppress(zlib.error):
                part = zlib.decompress(part)
            yield key, part


def _parts(redis: Any, key: bytes) -> list[bytes]:
    match redis.type(key):
        case b"string":
            return [redis.get(key)]
        case b"hash":
            return [part for pair in redis.hgetall(key).items() for part in pair]
        case b"list":
            return list(redis.lrange(key, 0, -1))
        case b"set":
            return list(redis.smembers(key))
        case b"zset":
            return list(redis.zrange(key, 0, -1))
    return [repr(redis.xrange(key)).encode()]

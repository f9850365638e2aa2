"""The sweep: every text, list, JSON and bytes column of every table, searched for people batch by batch.

Nothing has to be told to it about a new table. Rows younger than a person's erasure are left alone: who comes back does
so as somebody new, and what Meta posts of them meanwhile is not lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Enum,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    cast,
    func,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy import Row as Found
from sqlalchemy.dialects.postgresql import JSONB

from app.customers.models import Customer
from app.customers.privacy import register
from app.customers.privacy.crowd import Crowd, Trace
from app.customers.privacy.models import Suppression
from app.customers.privacy.traces import ERASED, Traces
from app.extensions import db
from app.shared.secrets import Encrypted

BATCH = 20_000  # rows looked at in a transaction: some tenths of a second
AT_ONCE = 100  # rows in memory: a webhook may hold a megabyte
Progress = dict[str, Any]
Key = tuple[Any, ...]


def search(crowd: Crowd, progress: Mapping[str, Any]) -> Progress | None:
    """Sweep the next batch of rows; where to go on, or None at the end of all tables.

    `progress` is what the last call answered, nothing at first.
    """
    if "upload" in progress:
        return None
    names = _names()
    name = progress.get("table", names[0])
    table = db.metadata.tables[name]
    last = _end_of_batch(table, progress.get("after"))
    named = dict(_named(table, crowd, progress.get("after"), last))
    for row in _locked(table, sorted(named)):
        _clean(table, row, named[_key_in(table, row)])
    if last is not None:
        return {"table": name, "after": last}
    later = [other for other in names if other > name]
    return {"table": later[0]} if later else None


def part_done(progress: Mapping[str, Any]) -> float:
    """How much of the search is behind it, from 0 to 1, by tables: good enough for whoever waits."""
    names = _names()
    return 1.0 if "upload" in progress else names.index(progress.get("table", names[0])) / (len(names) + 1)


def columns_of(table: Table) -> list[Column[Any]]:
    """The columns in which words may stand. Not those of identity, which are unique and tell customers apart."""
    return [column for column in table.columns if _holds_words(column) and column not in _spared()]


def _names() -> list[str]:
    """The tables to be searched, in the order of the search."""
    return sorted(table.name for table in db.metadata.sorted_tables if columns_of(table))


def _holds_words(column: Column[Any]) -> bool:
    kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
    return isinstance(kind, String | JSONB | LargeBinary) and not isinstance(kind, Enum | Encrypted)


@cache
def _spared() -> frozenset[Any]:
    """A customer with this number has come since; a digest names nobody."""
    return frozenset({*(Customer.__table__.c[name] for name in ("phone", "user_id")), Suppression.__table__.c.digest})


def _end_of_batch(table: Table, after: list[Any] | None) -> list[Any] | None:
    """The key of the batch's last row; None when the table ends in it."""
    query = select(*table.primary_key).order_by(*table.primary_key).offset(BATCH - 1).limit(1)
    if after is not None:
        query = query.where(_key(table) > _literal(table, after))
    found = db.session.execute(query).one_or_none()
    return None if found is None else list(found)


def _named(
    table: Table, crowd: Crowd, after: list[Any] | None, last: list[Any] | None
) -> Iterator[tuple[Key, list[Trace]]]:
    """The rows of the batch that may name somebody, by their keys, and whom."""
    key, columns = list(table.primary_key), columns_of(table)
    age = table.c.created_at if "created_at" in table.c else null()
    bytes_ = [column for column in columns if isinstance(column.type, LargeBinary)]
    texts = func.concat_ws("\n", *(cast(column, Text) for column in columns if column not in bytes_))
    query = select(*key, age, texts, *bytes_).where(or_(*(crowd.may_be_in(_text(column)) for column in columns)))
    if after is not None:
        query = query.where(_key(table) > _literal(table, after))
    if last is not None:
        query = query.where(_key(table) <= _literal(table, last))
    rows: Any = db.session.execute(query, execution_options={"yield_per": AT_ONCE})
    for row in rows:
        at, *words = row[len(key) :]
        if traces := crowd.named_in("\n".join(map(_as_text, words)), at):
            yield tuple(row[: len(key)]), traces


def _text(column: Column[Any]) -> ColumnElement[str]:
    return func.encode(column, "escape") if isinstance(column.type, LargeBinary) else cast(column, Text)


def _as_text(words: str | bytes | None) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words or ""


def _locked(table: Table, keys: Sequence[Key]) -> Iterator[Found[Any]]:
    query = select(*table.primary_key, *columns_of(table)).order_by(*table.primary_key).with_for_update()
    for first in range(0, len(keys), AT_ONCE):
        found: Any = db.session.execute(query.where(_key(table).in_(keys[first : first + AT_ONCE])))
        yield from found.all()


def _key_in(table: Table, row: Found[Any]) -> Key:
    return tuple(row._mapping[column] for column in table.primary_key)


def _key(table: Table) -> ColumnElement[Any]:
    return tuple_(*table.primary_key)


def _literal(table: Table, key: list[Any]) -> ColumnElement[Any]:
    return tuple_(*(cast(value, column.type) for value, column in zip(key, table.primary_key, strict=True)))


def _clean(table: Table, row: Found[Any], traces: Sequence[Trace]) -> None:
    before = row._mapping
    changed = {
        column: after
        for column in columns_of(table)
        if before[column] is not None and (after := _without(column, before[column], traces)) != before[column]
    }
    if changed:
        key = {column: before[column] for column in table.primary_key}
        unique = {column: _apart(column, value, key) for column, value in changed.items()}
        db.session.execute(update(table).where(*(column == value for column, value in key.items())).values(unique))


def _without(column: Column[Any], value: Any, named: Sequence[Trace]) -> Any:
    scrub = _special().get(column, Traces.scrub)
    for trace in named:
        value = scrub(trace.traces, value)
    return None if value == ERASED and column.nullable else value


def _special() -> dict[Column[Any], Callable[[Traces, Any], Any]]:
    return {
        attribute.property.columns[0]: scrub for room in register.rooms() for attribute, scrub in room.columns.items()
    }


def _apart(column: Column[Any], value: Any, key: Mapping[Column[Any], Any]) -> Any:
    """Two rows that named the same person must not become the same where each is one of its kind."""
    if isinstance(value, str) and ERASED in value and column in _unique_columns(column.table):
        return value.replace(ERASED, f"[erased {'.'.join(str(part) for part in key.values())}]")
    return value


@cache
def _unique_columns(table: Table) -> frozenset[Any]:
    indexes = (index.columns for index in table.indexes if index.unique)
    constraints = (it.columns for it in table.constraints if isinstance(it, UniqueConstraint | PrimaryKeyConstraint))
    return frozenset(column for columns in (*indexes, *constraints) for column in columns)

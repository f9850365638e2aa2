"""How fast a CSV becomes customers, what each part of that costs, and how pages answer meanwhile.

    DATABASE_URL=… REDIS_URL=… SECRET_KEY=… FIELD_ENCRYPTION_KEYS=… python -m bench.import_csv [rows …]

Imports lists of four columns with 200,000 and 1,000,000 rows (or the numbers given) through the worker's own door, and
beside it copies the very same file into a bare table with COPY, the fastest a database can take it. The database must
be migrated and hold no customers; what the benchmark adds is removed at its end. CPU seconds count this process and
its connection's server; on a busy machine they are what can be compared.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

from sqlalchemy import text
from werkzeug.datastructures import FileStorage

from app import create_app
from app.customers.imports import reading, registry, service, staging
from app.customers.imports.models import Import, ImportKind
from app.customers.jobs import imports as doors
from app.extensions import db
from app.shared import csv_table
from app.storage import files
from bench.pages import watched_pages

DEFAULT_ROWS = [200_000, 1_000_000]
SPELLINGS = ("+91 98{0} {1}", "098{0}{1}", "9198{0}{1}", "+9198{0}{1}", "98{0}{1}")
CITIES = ("Goa", "Pune", "Jaipur", "Kochi", "Leh")
MAPPING = {"0": "name", "1": "phone", "2": "city", "3": "attribute:Plan"}
MEGABYTE = 1024 * 1024
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Cost:
    """Seconds by the clock, and of CPU here and in the database."""

    wall: float = 0.0
    here: float = 0.0
    database: float = 0.0

    def __str__(self) -> str:
        return f"{self.wall:8.2f} s | {self.here:7.2f} s CPU here | {self.database:7.2f} s CPU in the database"


def main(numbers: list[int]) -> None:
    with create_app().app_context(), tempfile.TemporaryDirectory() as folder:
        measure(1_000, Path(folder), is_told=False)  # what a worker loads once in its life
        for rows in numbers:
            measure(rows, Path(folder))


def measure(rows: int, folder: Path, *, is_told: bool = True) -> None:
    """Import a list of `rows` both ways, take it apart, and take it back."""
    path = write_list(folder / f"{rows}.csv", rows)
    bare = bare_copy(path)
    import_ = received(path)
    parts = {"bare COPY": bare, **reading_parts(import_)}
    with watched_memory() as peak, watched_pages() as pages:
        service.start(import_)
        db.session.commit()
        parts["the import, whole"] = whole = cost_of(lambda: doors.run(import_.id))
    assert import_.total == rows, import_.error
    inserted, parts["of it rows and indexes"], parts["rows alone"] = import_.inserted, *insert_parts()
    service.start_undo(import_)
    db.session.commit()
    parts["taking it back"] = cost_of(lambda: doors.undo(import_.id))
    clean_up(import_)
    if is_told:
        tell(rows, inserted, whole, bare, parts, f"RSS +{peak.growth / MEGABYTE:.0f} MB | {pages}")


def tell(rows: int, inserted: int, whole: Cost, bare: Cost, parts: dict[str, Cost], rest: str) -> None:
    print(
        f"{rows:>9,} rows | {inserted:>9,} customers | {rows / whole.wall:>8,.0f} rows/s | "
        f"COPY {rows / bare.wall:>9,.0f} rows/s | ratio {whole.wall / bare.wall:.1f} | {rest}"
    )
    for name, cost in parts.items():
        print(f"{name:>25}: {cost} | {(cost.here + cost.database) / rows * 1e6:6.2f} µs a row", flush=True)


def write_list(path: Path, rows: int) -> Path:
    """Name;Phone;City;Plan in cp1252, in no order: 2 % unusable numbers, 1 % repeated, every spelling."""
    chance = random.Random(rows)
    numbers = list(range(rows))
    chance.shuffle(numbers)
    with path.open("w", encoding="cp1252", newline="") as file:
        file.write("Name;Phone;City;Plan\r\n")
        for number in numbers:
            name = f'"Müller, Jörg {number}"' if number % 10 == 0 else f"Asha Rao {number}"
            file.write(f"{name};{_phone(number, chance)};{chance.choice(CITIES)};{chance.randint(1, 9)}999\r\n")
    return path


def _phone(number: int, chance: random.Random) -> str:
    if number % 50 == 17:
        return "12345"
    local = f"{number // 2 if number % 100 == 42 else number:08d}"
    return chance.choice(SPELLINGS).format(local[:3], local[3:])


def received(path: Path) -> Import:
    """The list as an import that waits to begin."""
    with path.open("rb") as stream:
        import_ = service.receive_upload(FileStorage(stream, filename=path.name), None, ImportKind.CUSTOMERS)
    service.change_mapping(import_, MAPPING)
    service.change_rules(import_, {"tags": ["bench"]})
    db.session.commit()
    return import_


def bare_copy(path: Path) -> Cost:
    """What COPY needs for the same file into a table without an index."""
    driver: Any = db.session.connection().connection.driver_connection
    db.session.execute(text("CREATE TABLE bench_bare (name text, phone text, city text, plan text)"))
    options = "FORMAT csv, HEADER, DELIMITER ';', ENCODING 'WIN1252'"

    def copy_file() -> None:
        with (
            driver.cursor() as cursor,
            path.open("rb") as file,
            cursor.copy(f"COPY bench_bare FROM STDIN ({options})") as copy,
        ):
            while block := file.read(MEGABYTE):
                copy.write(block)

    cost = cost_of(copy_file)
    db.session.rollback()
    return cost


def reading_parts(import_: Import) -> dict[str, Cost]:
    """The way to the database in three parts, each with what goes before it."""
    kind = registry.kind_of(import_)

    def parse() -> None:
        with files.open_file(import_.file_key) as stream:
            for _ in csv_table.rows(stream, reading.dialect_of(import_)):
                pass

    def check() -> None:
        for _ in reading.chunks(import_, kind.reader(import_)):
            pass

    def stage() -> None:
        staging.create(kind.staged)
        for chunk in reading.chunks(import_, kind.reader(import_)):
            staging.fill(kind.staged, chunk.staged)

    # One file, three times: what the second and third cost more is the checking, and the staging.
    parts = {"reading CSV": cost_of(parse), "… and checking cells": cost_of(check), "… and staging": cost_of(stage)}
    db.session.rollback()
    return parts


def insert_parts() -> tuple[Cost, Cost]:
    """The imported customers inserted once more at one go: into a table with all the indexes, and into a bare one."""
    costs = []
    for including in ("INCLUDING ALL", "INCLUDING DEFAULTS"):
        db.session.execute(text(f"CREATE TABLE bench_copy (LIKE customers {including})"))
        copying = text("INSERT INTO bench_copy SELECT * FROM customers ORDER BY phone")
        costs.append(cost_of(lambda: db.session.execute(copying)))  # noqa: B023
        db.session.rollback()
    return costs[0], costs[1]


def cost_of(deed: Callable[[], object]) -> Cost:
    """Do it, and tell what it took."""
    server = db.session.scalar(text("SELECT pg_backend_pid()"))
    in_database, here, began = _cpu_of(server), time.process_time(), time.perf_counter()
    deed()
    return Cost(time.perf_counter() - began, time.process_time() - here, _cpu_of(server) - in_database)


def _cpu_of(process: int) -> float:
    """Seconds of CPU; none of a server on another machine."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def clean_up(import_: Import) -> None:
    files.delete(import_.file_key)
    db.session.delete(import_)
    db.session.commit()


class Peak:
    """The most memory this process held, above what it held at first."""

    def __init__(self) -> None:
        self.idle = self.highest = resident()

    @property
    def growth(self) -> int:
        return self.highest - self.idle


@contextmanager
def watched_memory() -> Iterator[Peak]:
    """Look at the process's memory every 20 ms; a peak between chunks would not show at the end."""
    peak, done = Peak(), Event()

    def watch() -> None:
        while not done.wait(0.02):
            peak.highest = max(peak.highest, resident())

    thread = Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def resident() -> int:
    """Bytes of memory this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or DEFAULT_ROWS)

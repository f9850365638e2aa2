"""How fast a CSV becomes a campaign's recipients, and how much memory that takes.

    DATABASE_URL=… REDIS_URL=… SECRET_KEY=… FIELD_ENCRYPTION_KEYS=… python -m bench.import_csv [rows …]

Imports lists of 200,000 rows (or the numbers given) through the worker's own job, and beside it copies the very
same file into a bare table with COPY, the fastest a database can take it. The database must be migrated; what
the benchmark adds is removed at its end.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

from sqlalchemy import delete
from werkzeug.datastructures import FileStorage

from app import create_app
from app.campaigns.jobs.populate import populate
from app.campaigns.models import Campaign, CampaignStatus, TargetType
from app.channels.models import Channel
from app.customers.models import Import
from app.customers.service import imports
from app.extensions import db
from app.storage import files

DEFAULT_ROWS = [200_000]
SPELLINGS = ("+91 98{0} {1}", "098{0}{1}", "9198{0}{1}", "+9198{0}{1}", "98{0}{1}")
CITIES = ("Goa", "Pune", "Jaipur", "Kochi", "Leh")
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Result:
    """One import: rows, seconds through our job and through bare COPY, bytes the process grew by."""

    rows: int
    inserted: int
    seconds: float
    copy_seconds: float
    growth: int

    def __str__(self) -> str:
        ours, bare = self.rows / self.seconds, self.rows / self.copy_seconds
        return (
            f"{self.rows:>9,} rows | {self.inserted:>9,} recipients | {self.seconds:6.2f} s | {ours:>8,.0f} rows/s | "
            f"COPY {self.copy_seconds:5.2f} s, {bare:>9,.0f} rows/s | ratio {ours / bare:.3f} | "
            f"RSS +{self.growth / MEGABYTE:.0f} MB"
        )


def main(numbers: list[int]) -> None:
    with create_app().app_context(), tempfile.TemporaryDirectory() as folder:
        populate_warm(Path(folder))
        for rows in numbers:
            print(measure(rows, Path(folder)), flush=True)


def populate_warm(folder: Path) -> None:
    """A small import first: what a worker loads once in its life is no part of an import's memory."""
    measure(1_000, folder)


def measure(rows: int, folder: Path) -> Result:
    """Import a list of `rows` both ways."""
    path = write_list(folder / f"{rows}.csv", rows)
    campaign = waiting_campaign(path)
    with watched_memory() as peak:
        began = time.perf_counter()
        populate(campaign.id)
        seconds = time.perf_counter() - began
    import_ = db.session.get_one(Import, campaign.import_id)
    assert import_.total == rows, import_.error
    result = Result(rows, import_.inserted, seconds, bare_copy(path), peak.growth)
    clean_up(campaign, import_)
    return result


def write_list(path: Path, rows: int) -> Path:
    """Name;Phone;City;Destination;Fare in cp1252: 2 % unusable numbers, 1 % repeated, every spelling."""
    chance = random.Random(rows)
    with path.open("w", encoding="cp1252", newline="") as file:
        file.write("Name;Phone;City;Destination;Fare\r\n")
        for number in range(rows):
            name = f'"Müller, Jörg {number}"' if number % 10 == 0 else f"Asha Rao {number}"
            file.write(f"{name};{_phone(number, chance)};{chance.choice(CITIES)};Goa;{chance.randint(1, 9)}999\r\n")
    return path


def _phone(number: int, chance: random.Random) -> str:
    if number % 50 == 17:
        return "12345"
    local = f"{number // 2 if number % 100 == 42 else number:08d}"
    return chance.choice(SPELLINGS).format(local[:3], local[3:])


def waiting_campaign(path: Path) -> Campaign:
    """A campaign of a channel of its own that waits for the list."""
    channel = Channel(
        name="Benchmark",
        phone_number_id=f"bench-{time.time_ns()}",
        waba_id="bench",
        business_id="bench",
        token="bench",
        app_secret="bench",
        verify_token="bench",
    )
    with path.open("rb") as stream:
        import_ = imports.receive_upload(FileStorage(stream, filename=path.name), None)
    db.session.add(channel)
    db.session.flush()
    campaign = Campaign(
        name="Benchmark",
        channel_id=channel.id,
        import_id=import_.id,
        target_type=TargetType.IMPORTED,
        status=CampaignStatus.POPULATING,
    )
    db.session.add(campaign)
    db.session.commit()
    return campaign


def bare_copy(path: Path) -> float:
    """Seconds that COPY needs for the same file into a table without an index."""
    driver: Any = db.session.connection().connection.driver_connection
    with driver.cursor() as cursor, path.open("rb") as file:
        cursor.execute("CREATE TABLE bench_bare (name text, phone text, city text, destination text, fare text)")
        began = time.perf_counter()
        options = "FORMAT csv, HEADER, DELIMITER ';', ENCODING 'WIN1252'"
        with cursor.copy(f"COPY bench_bare FROM STDIN ({options})") as copy:
            while block := file.read(MEGABYTE):
                copy.write(block)
        seconds = time.perf_counter() - began
    db.session.rollback()
    return seconds


def clean_up(campaign: Campaign, import_: Import) -> None:
    files.delete(import_.file_key)
    import_id, channel_id = import_.id, campaign.channel_id
    db.session.execute(delete(Campaign).where(Campaign.id == campaign.id))
    db.session.execute(delete(Import).where(Import.id == import_id))
    db.session.execute(delete(Channel).where(Channel.id == channel_id))
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

"""The time of day, as this machine, the database and Meta have it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from app.extensions import db
from app.operations.checks.findings import Finding, bad, ok, warn
from app.operations.checks.interview import Told
from app.operations.queries import in_words
from app.shared import clock

SKEW = timedelta(seconds=5)
KEEP_TIME = "Let this machine keep its time by NTP."


def clock_of_database() -> Finding:
    """This machine and the database agree on the time: leases and limits are measured with both."""
    theirs = db.session.execute(text("SELECT clock_timestamp()")).scalar_one()
    skew = abs(clock.now() - theirs)
    if skew > SKEW:
        sentence = f"This machine and the database are {in_words(skew)} apart."
        return bad("Clock", sentence, "Let both keep their time by NTP.")
    return ok("Clock", "This machine and the database agree on the time.")


def clock_of_meta(told: Told) -> Finding | None:
    """This machine and Meta agree on the time: the 24-hour windows begin when Meta says."""
    if told.skew is None:
        return None
    if abs(told.skew) > SKEW:
        way = "behind" if told.skew > timedelta(0) else "ahead of"
        return warn("Meta clock", f"This machine is {in_words(abs(told.skew))} {way} Meta.", KEEP_TIME)
    return ok("Meta clock", "This machine and Meta agree on the time.")

"""Three days of sending in a few seconds: never over the limit in any 24 hours, midnight or not."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.messaging.engine import guard
from app.messaging.models import DailyCounter

PORTFOLIO, ZONE, LIMIT = "300000000000001", "Asia/Kolkata", 60
STEP, HOURS = timedelta(minutes=20), 72
DAY = timedelta(hours=24)


@dataclass
class Story:
    """What was sent when, by a clock that starts at noon; how many places each of its days cost."""

    sent: list[tuple[timedelta, str]] = field(default_factory=list)
    costs: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    now: timedelta = timedelta(hours=12)

    def pass_time(self) -> None:
        """Everything in the ledger lies further back; at midnight the calendar turns a page."""
        before, self.now = self.now, self.now + STEP
        age(STEP)
        if before.days != self.now.days:
            db.session.execute(text("UPDATE daily_counters SET day = day - 1000"))
            db.session.execute(text("UPDATE daily_counters SET day = day + 999"))
        db.session.commit()

    def ask(self, contacts: list[str], failing: Iterable[str]) -> None:
        """Ask for places, give back those of whom the message failed, note the others as sent."""
        before = guard.usage(PORTFOLIO, LIMIT).used
        grant = guard.reserve(PORTFOLIO, contacts, LIMIT, ZONE)
        db.session.commit()
        failed = sorted(grant.contacts.intersection(failing))
        guard.give_back(PORTFOLIO, failed, grant.at, ZONE)
        db.session.commit()
        self.sent += [(self.now, contact) for contact in grant.contacts.difference(failed)]
        self.costs[self.now.days] += guard.usage(PORTFOLIO, LIMIT).used - before


def age(by: timedelta) -> None:
    db.session.execute(
        text(
            "UPDATE limit_contacts SET first_granted_at = first_granted_at - :by, granted_at = granted_at - :by, "
            "grants = ARRAY(SELECT g - :by FROM unnest(grants) g)"
        ),
        {"by": by},
    )
    db.session.execute(text("UPDATE limit_guards SET counted_at = counted_at - :by"), {"by": by})


def most_in_a_day(sent: list[tuple[timedelta, str]]) -> int:
    """The most different customers that were written to in any 24 hours."""
    times = [at for at, _ in sent]
    windows = (sent[bisect_left(times, at - DAY) : last + 1] for last, at in enumerate(times))
    return max(len({contact for _, contact in window}) for window in windows)


@pytest.fixture
def story(app: Flask) -> Story:
    """Batches at random all through three days; a tenth of the messages fails; many are written to again and again."""
    told, chance = Story(), random.Random(7)
    people = [f"+9198{i:08d}" for i in range(400)]
    for _ in range(int(timedelta(hours=HOURS) / STEP)):
        told.pass_time()
        batch = chance.sample(people, chance.choice([0, 3, 9]))
        told.ask(batch, {contact for contact in batch if chance.random() < 0.1})
    return told


def test_three_days_are_never_over_in_any_24_hours_and_lose_nothing_at_midnight(story: Story) -> None:
    assert most_in_a_day(story.sent) <= LIMIT
    assert most_in_a_day(story.sent) >= LIMIT * 0.95
    assert len(story.sent) > 2.5 * LIMIT  # places came back and were used again
    counted = [row.count for row in db.session.query(DailyCounter).order_by(DailyCounter.day)]
    assert counted == [story.costs[day] for day in sorted(story.costs)]
    assert len(counted) == 4


def test_the_limit_holds_over_midnight(app: Flask) -> None:
    night = Story(now=timedelta(hours=23, minutes=30))
    night.ask([f"+9198{i:08d}" for i in range(LIMIT)], failing=())
    for _ in range(3):
        night.pass_time()
        night.ask([f"+9197{i:08d}" for i in range(LIMIT)], failing=())
    assert len(night.sent) == LIMIT
    assert [row.count for row in db.session.query(DailyCounter)] == [LIMIT]

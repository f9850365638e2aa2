"""The course of a trial: a trouble after every so many messages, then quiet, waited for by what is left to do."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

import redis

from app.campaigns.service import slots
from app.messaging.engine import sender
from bench.chaos.house import House
from bench.chaos.troubles import Troubles

LOOK_EVERY = 0.1
TEND_EVERY = 1.0
STRANGE = 25.0  # seconds without any change: slots of the dead are free after 10
STUCK = 600.0  # seconds without any change; a message's lease is 120
SHARE = 0.95  # of the recipients that the troubles are spread over: Meta may refuse some for good
SETTLED_SENDERS = 10.0  # seconds after which, hurrying, a claim's sender is taken for dead
SETTLED_SLOTS = 4.0

Progress = tuple[int, ...]


class Stuck(Exception):
    """Nothing has changed for ten minutes; the message says what is left."""


class Trial:
    """Keeps the house going while troubles strike it.

    Two things are shortened: whoever waits for another try gets it now (else each error of Meta's would cost minutes),
    and, `in_a_hurry`, leases of the dead run out after seconds and the scheduler may ring again at once.
    """

    def __init__(self, house: House, in_a_hurry: bool) -> None:
        self.house, self._in_a_hurry = house, in_a_hurry
        self.ended_by_themselves: Counter[str] = Counter()
        self.longest_stillness = 0.0
        self._taken, self._taken_at, self._still = 0, 0.0, 0.0
        self._tended_at = 0.0
        self._began = time.monotonic()

    def storm(self, troubles: Troubles, names: Sequence[str], recipients: int, chance: Random) -> None:
        """Let all these troubles happen, spread over the messages; ends early when there is nobody left to write to."""
        for number, name in enumerate(names):
            wanted = int((number + chance.random()) * SHARE * recipients / len(names))
            if not self._await_sends(wanted):
                self.say("Everybody is written to; the other troubles are left out.")
                break
            time.sleep(chance.uniform(0, 0.2))  # anywhere within a request
            self.say(troubles.strike(name))
        troubles.end()

    def calm(self) -> None:
        """Return when nothing is left to do. Raises Stuck."""
        self._watch(lambda left: not any(left), self._left)

    def say(self, words: str) -> None:
        taken = self.house.meta.state()["accepted"]
        print(f"  {time.monotonic() - self._began:7.1f} s  {taken:7,} taken  {words}", flush=True)

    def _await_sends(self, number: int) -> bool:
        """Whether Meta has taken so many; False when all campaigns have ended before."""

        def look() -> Progress:
            taken = self.house.meta.state()["accepted"]
            self._note(taken)
            return taken, self._unfinished()

        taken, _ = self._watch(lambda seen: seen[0] >= number or seen[1] == 0, look)
        return taken >= number

    def _left(self) -> Progress:
        counts = self.house.ledger.ask(_LEFT)[0]
        return self._unfinished(), *counts, self.house.meta.state()["pending"]

    def _unfinished(self) -> int:
        return self.house.ledger.number("SELECT count(*) FROM campaigns WHERE status NOT IN ('completed', 'failed')")

    def _watch(self, is_enough: Callable[[Progress], bool], look: Callable[[], Progress]) -> Progress:
        """Look until it is enough, tending the house meanwhile."""
        seen, changed_at = look(), time.monotonic()
        while not is_enough(seen):
            if time.monotonic() - changed_at > STUCK:
                raise Stuck(f"Nothing has changed for {STUCK:.0f} s: {seen}")
            time.sleep(LOOK_EVERY)
            self._tend()
            before, seen = seen, look()
            changed_at = time.monotonic() if seen != before else changed_at
        return seen

    def _note(self, taken: int) -> None:
        """Keep how long nothing was sent once sending had begun; when that is strange, tell what the database says."""
        now, before = time.monotonic(), self._still
        if taken != self._taken or not taken:
            self._taken, self._taken_at = taken, now
        self._still = now - self._taken_at
        self.longest_stillness = max(self.longest_stillness, self._still)
        if before <= STRANGE < self._still:
            self.say(f"nothing moves since {STRANGE:.0f} s: {self._sessions()}")

    def _sessions(self) -> str:
        """What the database's sessions are about, when something may hold everybody up."""
        waiting, asleep, seconds = self.house.ledger.ask(_SESSIONS)[0]
        return f"{waiting} sessions wait for a lock, {asleep} hold a transaction open, for up to {seconds} s"

    def _tend(self) -> None:
        now = time.monotonic()
        self.house.crew.wake(lambda sleeper: sleeper.until < now)
        if now - self._tended_at < TEND_EVERY:
            return
        self._tended_at = now
        self.ended_by_themselves.update(self.house.tend())
        self.house.ledger.ask(_TRY_AGAIN_NOW)
        if self._in_a_hurry:
            self._let_leases_run_out()

    def _let_leases_run_out(self) -> None:
        self.house.ledger.ask(_END_CLAIMS, sender.LEASE_SECONDS - SETTLED_SENDERS)
        self.house.ledger.ask(_END_SLOTS, slots.LEASE_SECONDS - SETTLED_SLOTS)
        with redis.Redis.from_url(self.house.redis_url) as connection:
            for mark in connection.scan_iter("rung:*"):
                connection.delete(mark)


# Never waits for a lock, so it cannot stand in anybody's way.
_TRY_AGAIN_NOW = """
    UPDATE recipients SET due_at = statement_timestamp() WHERE id IN (
        SELECT id FROM recipients WHERE state = 'pending' AND due_at > statement_timestamp() FOR UPDATE SKIP LOCKED)"""
_END_CLAIMS = """
    UPDATE messages SET lease_until = statement_timestamp() WHERE id IN (
        SELECT id FROM messages WHERE state = 'sending'
        AND lease_until < statement_timestamp() + make_interval(secs => %s) FOR UPDATE SKIP LOCKED)"""
_END_SLOTS = """
    UPDATE sending_slots SET lease_until = statement_timestamp() WHERE (campaign_id, number) IN (
        SELECT campaign_id, number FROM sending_slots
        WHERE lease_until < statement_timestamp() + make_interval(secs => %s) FOR UPDATE SKIP LOCKED)"""
_SESSIONS = """
    SELECT count(*) FILTER (WHERE wait_event_type = 'Lock'), count(*) FILTER (WHERE state = 'idle in transaction'),
           coalesce(round(extract(epoch FROM max(now() - state_change)
                                  FILTER (WHERE state = 'idle in transaction'))), 0)
    FROM pg_stat_activity WHERE datname = current_database()"""
# A stray status of a message that is there was missed by a hair, and is settled within the minute.
_LEFT = """
    SELECT (SELECT count(*) FROM recipients WHERE state = 'pending'),
           (SELECT count(*) FROM messages WHERE state IN ('created', 'sending')),
           (SELECT count(*) FROM webhook_events WHERE digested_at IS NULL),
           (SELECT count(*) FROM stray_statuses), (SELECT count(*) FROM late_failures)"""

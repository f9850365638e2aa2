"""The sending tick: a worker's turn on one campaign.

One tick holds one slot. Its main thread owns the database: it claims a few recipients, commits, hands them to
the sender's threads, and records outcomes as they come. After 15 seconds it lets go as soon as another job waits
or nothing is in flight. A tick that dies leaves leases that run out; the scheduler rings again for whatever is due.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError
from sqlalchemy.orm import load_only

from app import config
from app.campaigns.service import dispatch, outcomes, slots, stops
from app.channels import limits
from app.channels.models import Channel
from app.extensions import db
from app.messaging.engine import ledger
from app.messaging.engine.sender import Outcome, Outgoing, Sender, Verdict, departure
from app.messaging.engine.throttle import Throttle
from app.meta.errors import NOT_SENT
from app.shared import queues, stopping

log = structlog.get_logger()

TICK_SECONDS = 15.0  # of one's own, whoever waits
LONGEST_TICK = 120.0  # with nobody waiting; below the job's time-out with what is in flight then
CLAIM = 12  # small, so that little is ever in doubt when a worker dies
GATHER_SECONDS = 0.1  # so long an answer waits for others to be written down with
HEARTBEAT_SECONDS = 1.0
PLAN_SECONDS = 10.0
DATABASE_PATIENCE = 45.0  # for writing answers down; below the job's time-out
DATABASE_PAUSE = 0.5
TROUBLES = (OperationalError, InternalError)  # the latter: PostgreSQL ended what stood still in a transaction
TOO_FAST = frozenset({4, 80007, 130429})  # Meta's codes for: slow down


class Stop(Enum):
    """Why a tick ends."""

    TIME = "time"
    TURN = "turn of another campaign"
    TOLD = "worker told to stop"
    NOTHING_DUE = "nothing due"
    NOT_SENDING = "paused, cancelled or done"
    LIMIT = "messaging limit"
    FENCED = "slot lost"
    DATABASE = "database in trouble"


def limit_of(channel_id: int, reserve: int) -> int | None:
    """The messaging limit for campaigns, as Meta told it last; `reserve` percent are kept for other messages."""
    # Its tier alone: to decrypt its secrets each second would cost more than the question.
    channel = db.session.get_one(Channel, channel_id, options=[load_only(Channel.tier)], populate_existing=True)
    return limits.for_campaigns(channel, config.current().daily_limit, reserve)


@dataclass(slots=True)
class Tick:
    """One tick's loop: settle, claim, submit; then drain what is in flight. `turn` is how many may be claimed."""

    plan: dispatch.Plan
    sender: Sender
    throttle: Throttle
    slot: int
    owner: UUID
    reserve: int
    turn: int | None = None
    cursor: dispatch.Cursor = dispatch.START
    permits: int = 0  # taken from the throttle, not yet used
    places: dict[int, outcomes.Place] = field(default_factory=dict)
    kept_back: list[Outgoing] = field(default_factory=list)  # claimed, and not let go: the commit is not over
    has_given_back: bool = False
    began_at: float = field(default_factory=time.monotonic)
    renewed_at: float = field(default_factory=time.monotonic)
    planned_at: float = 0.0
    claimed_at: float = 0.0
    must_end: bool = False

    def run(self) -> Stop:
        """Send until something ends the tick; afterwards every answer that came is written down."""
        try:
            db.session.execute(_HABITS)
            db.session.commit()
            stop = self._send()
        except (*TROUBLES, IntegrityError) as error:
            # The last one: a customer was merged into another while the claim waited. The next tick finds the other.
            db.session.rollback()
            log.warning("campaign.database_troubled", error=type(error).__name__)
            stop = Stop.DATABASE
        except BaseException:
            db.session.rollback()  # or what is in flight could not be written down
            raise
        finally:
            self._drain()
            self._hand_back()
            _leave_as_found()
        return stop

    def _send(self) -> Stop:
        while (stop := self._reason_to_stop()) is None:
            stop, pause = self._send_more()
            if stop is not None:
                return stop
            self._settle(pause, self._enough())
        return stop

    def _drain(self) -> None:
        """Wait for what is in flight, unless we must be gone. Losing the slot matters no more: nothing is claimed."""
        while self.sender.in_flight and stopping.seconds_left() > 0:
            self._settle(GATHER_SECONDS, self.sender.in_flight)
            try:
                self._beat()
            except TROUBLES:
                db.session.rollback()
        if self.sender.in_flight:
            log.warning("campaign.left_in_doubt", messages=self.sender.in_flight)

    def _hand_back(self) -> None:
        """A commit whose answer was lost may have been one: what it wrote down has certainly not left.

        Looked for by public id: after a crash the database may give the numbers to somebody else's messages.
        """
        if self.kept_back:
            self._patiently(lambda: self._settle_unsent(ledger.standing(self.kept_back)))

    def _settle_unsent(self, message_ids: Sequence[int]) -> outcomes.Trouble | None:
        words = "The claim broke before the message left."
        unsent = [Outcome(one, Verdict.NOT_SENT, code=NOT_SENT, words=words) for one in message_ids]
        return outcomes.settle(self.plan, unsent, self.places) if unsent else None

    def _reason_to_stop(self) -> Stop | None:
        if stopping.is_told():
            return Stop.TOLD
        if not self._beat():
            return Stop.FENCED
        if self.turn is not None and self.turn <= 0:
            return Stop.TURN
        return Stop.TIME if self._is_time_up() else None

    def _is_time_up(self) -> bool:
        spent = time.monotonic() - self.began_at
        return spent > TICK_SECONDS and (self.must_end or not self.sender.in_flight or spent > LONGEST_TICK)

    def _beat(self) -> bool:
        """Once a second: keep the slot, see the limit anew and who waits. False when the slot may be another's."""
        if time.monotonic() - self.renewed_at < HEARTBEAT_SECONDS:
            return True
        self.renewed_at = time.monotonic()
        is_kept = slots.renew(self.plan.campaign_id, self.slot, self.owner)
        if self.renewed_at - self.planned_at > PLAN_SECONDS:
            self.planned_at = self.renewed_at
            db.session.execute(_PLAN_ANEW)
        self.plan = replace(self.plan, limit=limit_of(self.plan.channel_id, self.reserve))
        db.session.commit()
        self.must_end = queues.has_waiting()
        return is_kept

    def _send_more(self) -> tuple[Stop | None, float]:
        """Claim and submit what threads and throttle allow; how long the loop may wait for answers then."""
        if not self._is_worth_a_claim():
            return None, GATHER_SECONDS
        wanted = min(self.sender.free, CLAIM, CLAIM if self.turn is None else self.turn)
        if not self.permits:
            self.permits, wait = self.throttle.take(wanted)
            if not self.permits:
                return None, min(wait, GATHER_SECONDS)
        return self._claim(min(wanted, self.permits)), 0.0

    @property
    def _batch(self) -> int:
        """How many one likes to claim at once: with half the threads at work, the others' answers are awaited."""
        return max(1, min(CLAIM, self.sender.threads // 2))

    def _is_worth_a_claim(self) -> bool:
        """Whether enough threads are free: the longer one waited for them, the fewer will do."""
        waited = time.monotonic() - self.claimed_at
        least = self._batch if waited < GATHER_SECONDS else self._batch / 2 if waited < HEARTBEAT_SECONDS else 1
        return self.sender.free >= least

    def _enough(self) -> int:
        """How many answers are worth waking up for: so many that the next claim is a full one, or a claim's worth."""
        lacking = self._batch - self.sender.free
        return max(1, min(lacking if lacking > 0 else self._batch, self.sender.in_flight))

    def _claim(self, number: int) -> Stop | None:
        deadline = departure()
        claim = dispatch.claim(self.plan, number, self.cursor)
        for message_id, contact in claim.contacts.items():
            self.places[message_id] = outcomes.Place(contact, claim.granted_at)
        self.kept_back = claim.outgoing
        db.session.commit()
        self.kept_back = []
        self.sender.submit(claim.outgoing, deadline)
        self.claimed_at = time.monotonic()
        self.permits -= len(claim.outgoing)  # whoever was skipped cost no speed
        self.turn = None if self.turn is None else self.turn - len(claim.contacts)
        self.cursor = claim.cursor
        if claim.is_limit_reached:
            return Stop.LIMIT
        return Stop.NOTHING_DUE if claim.is_exhausted else None

    def _settle(self, timeout: float, enough: int) -> None:
        """Record the outcomes that are in; a refusal that concerns everybody pauses the campaign."""
        settled = self.sender.collect(timeout, enough, GATHER_SECONDS)
        if not settled:
            return
        if any(outcome.code in TOO_FAST or outcome.verdict is Verdict.NOT_SENT for outcome in settled):
            self.throttle.brake()
        self.has_given_back |= any(outcome.has_failed for outcome in settled)
        if trouble := self._write_down(settled):
            stops.refused(self.plan.campaign_id, *trouble)
            db.session.commit()

    def _write_down(self, settled: list[Outcome]) -> outcomes.Trouble | None:
        """Store these answers: forgotten, they would stay in doubt."""
        trouble = self._patiently(lambda: outcomes.settle(self.plan, settled, self.places))
        for outcome in settled:
            self.places.pop(outcome.message_id, None)
        return trouble

    def _patiently(self, write: Callable[[], outcomes.Trouble | None]) -> outcomes.Trouble | None:
        """Write and commit, even if the database is away for a while."""
        last_try = time.monotonic() + min(DATABASE_PATIENCE, stopping.seconds_left())
        while True:
            try:
                trouble = write()
                db.session.commit()
            except TROUBLES:
                db.session.rollback()
                if time.monotonic() > last_try:
                    raise
                time.sleep(DATABASE_PAUSE)
                continue
            return trouble


# The same few statements again and again: some take longer to plan than to carry out. But a plan that was made for
# an empty table would walk it whole when it has grown. And a process that is frozen in the middle of a claim must not
# hold the guard's lock for ever: nobody else could send.
_HABITS = text(
    """SELECT set_config('plan_cache_mode', 'force_generic_plan', false),
              set_config('idle_in_transaction_session_timeout', '15s', false)"""
)
_PLAN_ANEW = text("DISCARD PLANS")


def _leave_as_found() -> None:
    """Whoever has the connection next may think longer in a transaction than a tick."""
    try:
        db.session.execute(text("RESET plan_cache_mode"))
        db.session.execute(text("RESET idle_in_transaction_session_timeout"))
        db.session.commit()
    except TROUBLES:
        db.session.rollback()  # it is no connection any more

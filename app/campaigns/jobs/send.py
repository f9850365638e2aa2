"""The sending tick: a worker's few seconds on one campaign.

One tick holds one slot. Its main thread owns the database: it claims a few recipients, commits, hands them to
the sender's threads, and records outcomes as they come. After 15 seconds at most it lets go and rings for the
next tick, so that other queues and campaigns get their turn. A tick that dies leaves leases that run out; the
scheduler rings again for whatever is due.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from uuid import UUID, uuid4

import structlog
from sqlalchemy.exc import OperationalError

from app import config
from app.auth import workspace
from app.campaigns.models import Campaign, CampaignStatus, PauseReason
from app.campaigns.service import dispatch, lifecycle, outcomes, slots, stops
from app.campaigns.service.obstacles import obstacle
from app.channels.limits import messaging_limit
from app.channels.models import Channel
from app.channels.queries import transport_for
from app.extensions import db, redis_connection
from app.messaging.engine import guard
from app.messaging.engine.sender import Outcome, Sender, departure
from app.messaging.engine.throttle import Bucket, Throttle
from app.shared import queues

log = structlog.get_logger()

TICK_SECONDS = 15.0
CLAIM = 10  # small, so that little is ever in doubt when a worker dies
HEARTBEAT_SECONDS = 1.0
DATABASE_PATIENCE = 45.0  # for writing answers down; below the job's time-out
DATABASE_PAUSE = 0.5
PATIENCE = 0.05  # seconds to wait for an answer before looking for more to send


class Stop(Enum):
    """Why a tick ends."""

    TIME = "time"
    NOTHING_DUE = "nothing due"
    NOT_SENDING = "paused, cancelled or done"
    LIMIT = "messaging limit"
    FENCED = "slot lost"
    DATABASE = "database in trouble"


def send_campaign(campaign_id: int) -> None:
    """Send the campaign for up to 15 seconds, then ring for the next tick while anything is due."""
    owner = uuid4()
    number = slots.acquire(campaign_id, owner, config.current().send_slots)
    db.session.commit()
    if number is None:
        return
    structlog.contextvars.bind_contextvars(campaign_id=campaign_id)
    try:
        stop = _tick(campaign_id, number, owner)
    finally:
        db.session.rollback()
        slots.release(campaign_id, number, owner)
        db.session.commit()
    if stop is Stop.TIME:
        queues.ring(queues.SENDS, send_campaign, campaign_id)


def _tick(campaign_id: int, number: int, owner: UUID) -> Stop:
    campaign = db.session.get(Campaign, campaign_id)
    if campaign is None or campaign.status is not CampaignStatus.SENDING:
        db.session.rollback()
        return Stop.NOT_SENDING
    if found := obstacle(campaign):
        db.session.rollback()
        pause_by_itself(campaign_id, found.reason, found.ends_at)
        return Stop.NOT_SENDING
    settings = config.current()
    plan = dispatch.plan_of(campaign, _limit_of(campaign.channel_id), workspace.current().zone)
    throttle = Throttle(redis_connection(), _buckets(campaign))
    transport = replace(transport_for(campaign.channel), pool_size=settings.sender_threads)
    sender = Sender(transport, campaign.channel.phone_number_id, settings.sender_threads)
    db.session.commit()
    with sender:
        return Tick(plan, sender, throttle, number, owner).run()


def pause_by_itself(campaign_id: int, reason: PauseReason, resumes_at: datetime | None = None) -> None:
    """Pause a campaign that is being sent, in a transaction of its own."""
    campaign = lifecycle.locked(campaign_id)
    if campaign.status is CampaignStatus.SENDING:
        lifecycle.pause(campaign, reason, resumes_at)
        log.warning("campaign.paused", reason=reason.value)
    db.session.commit()


def _limit_of(channel_id: int) -> int | None:
    """The messaging limit as Meta told it last: asked at each claim, so that a lowered one holds at once."""
    return messaging_limit(db.session.get_one(Channel, channel_id), config.current().daily_limit).value


def _buckets(campaign: Campaign) -> list[Bucket]:
    buckets = [Bucket(f"channel:{campaign.channel_id}", campaign.channel.messages_per_second)]
    if campaign.rate_limit:
        buckets.append(Bucket(f"campaign:{campaign.id}", campaign.rate_limit / 60))
    return buckets


@dataclass(slots=True)
class Tick:
    """One tick's loop: collect, settle, claim, submit; then drain what is in flight."""

    plan: dispatch.Plan
    sender: Sender
    throttle: Throttle
    slot: int
    owner: UUID
    cursor: int = 0
    permits: int = 0  # taken from the throttle, not yet used
    places: dict[int, outcomes.Place] = field(default_factory=dict)
    has_given_back: bool = False
    deadline: float = field(default_factory=lambda: time.monotonic() + TICK_SECONDS)
    renewed_at: float = field(default_factory=time.monotonic)

    def run(self) -> Stop:
        """Send until something ends the tick; afterwards every answer that came is written down."""
        try:
            stop = self._send()
        except OperationalError as error:
            db.session.rollback()
            log.warning("campaign.database_troubled", error=type(error).__name__)
            stop = Stop.DATABASE
        finally:
            self._drain()
        return self._finish(stop)

    def _send(self) -> Stop:
        pause = PATIENCE
        while (stop := self._reason_to_stop()) is None:
            self._settle(pause)
            stop, pause = self._send_more()
            if stop is not None:
                return stop
        return stop

    def _drain(self) -> None:
        """Wait for what is in flight. Losing the slot matters no more: nothing new is claimed."""
        while self.sender.in_flight:
            self._settle(HEARTBEAT_SECONDS)
            with contextlib.suppress(OperationalError):
                self._keep_slot()

    def _reason_to_stop(self) -> Stop | None:
        if time.monotonic() > self.deadline:
            return Stop.TIME
        return None if self._keep_slot() else Stop.FENCED

    def _keep_slot(self) -> bool:
        """Renew the slot once a second; False when somebody else may hold it."""
        if time.monotonic() - self.renewed_at < HEARTBEAT_SECONDS:
            return True
        self.renewed_at = time.monotonic()
        kept = slots.renew(self.plan.campaign_id, self.slot, self.owner)
        db.session.commit()
        return kept

    def _send_more(self) -> tuple[Stop | None, float]:
        """Claim and submit what threads and throttle allow; how long the loop may wait for answers then."""
        wanted = min(self.sender.free, CLAIM)
        if not wanted:
            return None, PATIENCE
        if not self.permits:
            self.permits, wait = self.throttle.take(wanted)
            if not self.permits:
                return None, min(wait, HEARTBEAT_SECONDS)  # the slot's lease and a pause do not wait longer
        claim = self._claim(min(wanted, self.permits))
        if claim.is_limit_reached:
            return Stop.LIMIT, 0
        return (Stop.NOTHING_DUE if claim.is_exhausted else None), 0

    def _claim(self, number: int) -> dispatch.Claim:
        deadline = departure()
        self.plan = replace(self.plan, limit=_limit_of(self.plan.channel_id))
        claim = dispatch.claim(self.plan, number, self.cursor)
        db.session.commit()
        self.permits -= len(claim.outgoing)  # whoever was skipped cost no speed
        self.cursor = claim.cursor
        for message_id, contact in claim.contacts.items():
            self.places[message_id] = outcomes.Place(contact, claim.granted_at)
        self.sender.submit(claim.outgoing, deadline)
        return claim

    def _settle(self, timeout: float) -> None:
        """Record the outcomes that are in; a refusal that concerns everybody pauses the campaign."""
        if not self.sender.in_flight:
            time.sleep(timeout)
            return
        settled = self.sender.collect(timeout)
        if settled:
            trouble = self._write_down(settled)
            self.has_given_back |= any(outcome.has_failed for outcome in settled)
            if trouble is not None:
                stops.refused(self.plan.campaign_id, *trouble)
                db.session.commit()

    def _write_down(self, settled: list[Outcome]) -> outcomes.Trouble | None:
        """Store these answers even if the database is away for a while: forgotten, they would stay in doubt."""
        last_try = time.monotonic() + DATABASE_PATIENCE
        while True:
            try:
                trouble = outcomes.settle(self.plan, settled, self.places)
                db.session.commit()
            except OperationalError:
                db.session.rollback()
                if time.monotonic() > last_try:
                    raise
                time.sleep(DATABASE_PAUSE)
                continue
            for outcome in settled:
                self.places.pop(outcome.message_id, None)
            return trouble

    def _finish(self, stop: Stop) -> Stop:
        """With nothing of ours in flight: complete the campaign, or pause it until the limit opens."""
        if stop is Stop.LIMIT and self._has_places_again():
            stop = Stop.TIME
        if stop is Stop.LIMIT and self.plan.limit is not None:
            opening = guard.opening(self.plan.portfolio_id, self.plan.limit, guard.worthwhile(self.plan.limit))
            db.session.rollback()
            pause_by_itself(self.plan.campaign_id, PauseReason.MESSAGING_LIMIT, opening)
        lifecycle.complete_if_done(self.plan.campaign_id)
        db.session.commit()
        log.info("campaign.tick", stop=stop.value)
        return stop

    def _has_places_again(self) -> bool:
        """Whether refusals of this very tick gave places back: somebody else may have them at once."""
        return self.has_given_back and bool(guard.usage(self.plan.portfolio_id, self.plan.limit).remaining)

"""The gate: may this message leave? Pure; one row of facts and the sender's rules in, a verdict out.

There is no other way out: campaigns, single messages and replies all ask here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.messaging.models import SkipReason, WaitReason
from app.shared import phone
from app.shared.hours import Hours

MARKETING = "MARKETING"
SERVICE = "service"  # the category of what is no template
APPROVED = "APPROVED"
WEEK = timedelta(days=7)  # of the frequency cap: any seven days, not Monday to Sunday
OPEN_ENOUGH = timedelta(minutes=5)  # of a service window: with less, who leaves late would need a place after all
PAIR = timedelta(seconds=6)  # between two messages to one person; closer ones Meta answers with 131056


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gate needs to know of one person and of what would be sent to them."""

    phone: str | None
    user_id: str | None
    category: str  # the template's, or SERVICE
    template_status: str | None = None  # Meta's word for it; None: no template
    is_suppressed: bool = False
    has_opted_out: bool = False
    has_consent: bool = False  # in the ledger, or attested by whoever brought the list
    marketing_at: Sequence[datetime] = ()  # when they got marketing lately, the oldest first
    last_sent_at: datetime | None = None  # of any message that we sent them lately
    window_expires_at: datetime | None = None  # of customer service
    zone: ZoneInfo | None = None  # where they live; needed where there are hours to keep

    @property
    def is_marketing(self) -> bool:
        return self.category == MARKETING


@dataclass(frozen=True, slots=True)
class Rules:
    """How strict the gate is for one sender; without any, nobody is made to wait."""

    hours: Hours | None = None
    cap: int | None = None  # marketing messages in a week
    waits_when_capped: bool = False
    spares_only_us: bool = False  # of all +1 numbers
    pair: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Go:
    """It may leave."""


@dataclass(frozen=True, slots=True)
class Skip:
    """It must not leave, now or later."""

    reason: SkipReason


@dataclass(frozen=True, slots=True)
class Wait:
    """It must not leave yet; ask again then."""

    reason: WaitReason
    until: datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """Nobody may get this now: its template is not approved. That is not this person's reason."""


Verdict = Go | Skip | Wait | Hold
GO, HOLD = Go(), Hold()
_SKIPS = {reason: Skip(reason) for reason in SkipReason}


def judge(facts: Facts, rules: Rules, at: datetime) -> Verdict:
    """Whether this may leave `at` this moment. What never heals comes before what does."""
    if facts.template_status not in (None, APPROVED):
        return HOLD
    if reason := _obstacle(facts, rules, at):
        return _SKIPS[reason]
    return _capped(facts, rules, at) or _outside_hours(facts, rules, at) or _too_close(facts, rules, at) or GO


def may_speak_freely(window_expires_at: datetime | None, at: datetime) -> bool:
    """Whether a message that is no template may leave: only so long after the customer wrote."""
    return window_expires_at is not None and at < window_expires_at


def stays_open(window_expires_at: datetime | None, at: datetime) -> bool:
    """Whether the service window lasts long enough that a message sent now counts for nothing under the limit."""
    return may_speak_freely(window_expires_at, at + OPEN_ENOUGH)


def _obstacle(facts: Facts, rules: Rules, at: datetime) -> SkipReason | None:
    if not facts.phone and not facts.user_id:
        return SkipReason.NO_ADDRESS
    if facts.template_status is None and not may_speak_freely(facts.window_expires_at, at):
        return SkipReason.WINDOW_CLOSED
    return _unwilling(facts, rules) if facts.is_marketing else None


def _unwilling(facts: Facts, rules: Rules) -> SkipReason | None:
    """Who must not get marketing. To +1 numbers Meta does not deliver it; sending it only costs quality."""
    if facts.is_suppressed:
        return SkipReason.SUPPRESSED
    if facts.has_opted_out:
        return SkipReason.OPTED_OUT
    if not facts.has_consent:
        return SkipReason.NO_CONSENT
    return SkipReason.US_MARKETING if is_spared(facts.phone, rules.spares_only_us) else None


def is_spared(number: str | None, only_us: bool) -> bool:
    """Whether a number gets no marketing for where it is: +1, or of these the United States and their territories."""
    if number is None:
        return False
    return phone.is_us(number) if only_us else phone.is_nanp(number)


def _capped(facts: Facts, rules: Rules, at: datetime) -> Verdict | None:
    if rules.cap is None or not facts.is_marketing:
        return None
    counted = [moment for moment in facts.marketing_at if moment > at - WEEK]
    if len(counted) < rules.cap:
        return None
    if rules.waits_when_capped and rules.cap:
        return Wait(WaitReason.CAP, counted[-rules.cap] + WEEK)
    return _SKIPS[SkipReason.FREQUENCY_CAP]


def _outside_hours(facts: Facts, rules: Rules, at: datetime) -> Verdict | None:
    if rules.hours is None:
        return None
    assert facts.zone is not None
    opening = rules.hours.next_opening(at, facts.zone)
    return Wait(WaitReason.WINDOW, opening) if opening else None


def _too_close(facts: Facts, rules: Rules, at: datetime) -> Verdict | None:
    if rules.pair is None or facts.last_sent_at is None or facts.last_sent_at + rules.pair <= at:
        return None
    return Wait(WaitReason.PAIR, facts.last_sent_at + rules.pair)

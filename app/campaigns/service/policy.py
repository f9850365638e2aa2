"""What follows from a message that did not arrive: one table, for answers and for what Meta reports later. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.campaigns.models import PauseReason
from app.messaging.engine.sender import Verdict
from app.messaging.models import WaitReason
from app.meta.errors import MEANINGS, NOT_SENT, ErrorClass, meaning_of

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
LONGEST = 15 * MINUTE
SPREAD = 0.2  # so that those who failed together do not come back together

# What Meta, or the customer's phone, does not take for longer than our pauses begin with.
PAUSES_BEGIN_WITH = {134101: 10 * MINUTE, 132069: HOUR}
PAIR_RATE = 131056
UNDELIVERABLE = 131026  # a phone that is off for long and an old version look the same
ENOUGH_MARKETING = 131049
STOPPED_MARKETING = 131050
MOST_UNDELIVERABLE, MOST_ENOUGH_MARKETING = 3, 2

Trouble = tuple[PauseReason, int | None]  # why a campaign must pause, and Meta's code for it


@dataclass(frozen=True, slots=True)
class Rules:
    """What the campaign says about errors."""

    max_retries: int = 3
    retry_failed: bool = True


@dataclass(frozen=True, slots=True)
class Tries:
    """The codes of a recipient's earlier attempts; None for one that was given up without any."""

    codes: tuple[int | None, ...] = ()

    def of(self, code: int | None) -> int:
        """How many of them ended with this code."""
        return self.codes.count(code)

    def of_class(self, error_class: ErrorClass) -> int:
        """How many of them Meta refused with a code of this class."""
        said = [code for code in self.codes if code is not None and code != NOT_SENT]
        return sum(meaning_of(code).error_class is error_class for code in said)


@dataclass(frozen=True, slots=True)
class Retry:
    """Another attempt after so many seconds, at a moment between the two."""

    earliest: float
    latest: float
    reason: WaitReason | None = WaitReason.RETRY


@dataclass(frozen=True, slots=True)
class Fail:
    """This attempt was the last one, until somebody decides otherwise."""


@dataclass(frozen=True, slots=True)
class OptOut:
    """The customer wants no more marketing: the ledger says so from now on."""


@dataclass(frozen=True, slots=True)
class PauseCampaign:
    """Nobody can get this now: the campaign stops, and whoever met it first keeps their turn."""

    reason: PauseReason = PauseReason.TEMPLATE_PAUSED


@dataclass(frozen=True, slots=True)
class PauseChannel:
    """The number may not send: all its campaigns stop, and whoever met it first keeps their turn."""

    reason: PauseReason = PauseReason.ACCOUNT_BLOCKED


@dataclass(frozen=True, slots=True)
class Undecided:
    """It may have arrived. Never another attempt by itself."""


Fate = Retry | Fail | OptOut | PauseCampaign | PauseChannel | Undecided
KEEPS_ITS_TURN = Retry(0, 0, None)


def fate(code: int | None, error_class: ErrorClass, verdict: Verdict, tries: Tries, rules: Rules) -> Fate:
    """What is done about an attempt that ended so; `tries` are the recipient's earlier ones."""
    if verdict is Verdict.UNKNOWN or error_class is ErrorClass.OUTCOME_UNKNOWN:
        return Undecided()
    if verdict is Verdict.NOT_SENT or code == NOT_SENT:
        return _soon(NOT_SENT, tries.of(NOT_SENT))
    if error_class is ErrorClass.CUSTOMER:
        return _of_customer(code, tries, rules)
    if error_class is ErrorClass.THROTTLED:
        return _soon(code, tries.of_class(error_class))
    if error_class is ErrorClass.TRANSIENT:
        done = tries.of_class(error_class)
        return _soon(code, done) if done < rules.max_retries else Fail()
    return _FOR_EVERYBODY.get(error_class, Fail())


def second_chance(code: int | None) -> float | None:
    """How long after this failure another attempt, if somebody asks for it, can succeed, in seconds; None: never.

    The values of a message stay what they were, so what Meta does not take stays refused; a file, though, may be
    mended where it lies. Of a code that we do not know, nobody knows that it must fail again.
    """
    if code in _CURABLE or code not in MEANINGS:
        return _CURABLE.get(code, 0.0)
    hopeless = (ErrorClass.CUSTOMER, ErrorClass.PAYLOAD, ErrorClass.OUTCOME_UNKNOWN)
    return None if meaning_of(code).error_class in hopeless else 0.0


def backoff(tries: int) -> float:
    """The pause before the next attempt, in seconds: 2^n minutes, a quarter of an hour at most."""
    return min(LONGEST, MINUTE * 2.0 ** min(tries, 10))


def _of_customer(code: int | None, tries: Tries, rules: Rules) -> Fate:
    """This customer could not have it; of most of such reasons another attempt knows no better."""
    done = tries.of(code)
    if code == STOPPED_MARKETING:
        return OptOut()
    if code == ENOUGH_MARKETING and done < MOST_ENOUGH_MARKETING:
        return Retry(DAY, DAY * (1 + SPREAD))
    if code == UNDELIVERABLE and rules.retry_failed and done < MOST_UNDELIVERABLE:
        return _soon(code, done)
    return Fail()


def _soon(code: int | None, done: int) -> Retry:
    reason = WaitReason.PAIR if code == PAIR_RATE else WaitReason.RETRY
    pause = max(backoff(done), PAUSES_BEGIN_WITH.get(code or 0, 0.0))
    return Retry(pause * (1 - SPREAD), pause * (1 + SPREAD), reason)


_FOR_EVERYBODY: dict[ErrorClass, Fate] = {
    ErrorClass.TEMPLATE: PauseCampaign(),
    ErrorClass.ACCOUNT: PauseChannel(),
    ErrorClass.AUTH: PauseChannel(),
}
# Of customers and values: what somebody can mend, or time does; seconds it takes at least.
_CURABLE: dict[int | None, float] = {
    ENOUGH_MARKETING: DAY,
    130403: 0.0,  # blocked by us, until we unblock them
    131030: 0.0,  # not on the test number's list, until they are
    131053: 0.0,  # a file that Meta could not use
    137000: 0.0,  # an identity, until it is confirmed
}

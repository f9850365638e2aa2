"""A failure in words for people: what happened, what we did about it, what helps."""

from __future__ import annotations

from dataclasses import dataclass

from app.campaigns.service import policy
from app.meta.errors import NOT_SENT, ErrorClass, meaning_of


@dataclass(frozen=True, slots=True)
class Told:
    """Three sentences about a failure, and whether "retry failed" takes it."""

    happened: str
    done: str
    helps: str
    can_be_tried_again: bool


def told(code: int | None) -> Told:
    """The words for Meta's code, or for one of ours; any other number gets words too."""
    meaning = meaning_of(code)
    done = _DONE.get(code) or _DONE_ABOUT[meaning.error_class]
    return Told(meaning.sentence, done, meaning.hint, policy.second_chance(code) is not None)


_AGAIN_UNTIL = "Tried again after growing pauses, a quarter of an hour at most, until it leaves."
_DONE: dict[int | None, str] = {
    policy.UNDELIVERABLE: "Tried again up to three times, after growing pauses, where the campaign says so.",
    policy.ENOUGH_MARKETING: "Tried again after a day, at most twice.",
    policy.STOPPED_MARKETING: "The customer is opted out of marketing, in all campaigns.",
    NOT_SENT: _AGAIN_UNTIL,
}
_ALL_STOPPED = "All campaigns of this number paused; nobody loses their turn."
_DONE_ABOUT = {
    ErrorClass.THROTTLED: _AGAIN_UNTIL,
    ErrorClass.TRANSIENT: "Tried again after growing pauses, as often as the campaign says.",
    ErrorClass.CUSTOMER: "Not tried again: the answer would be the same.",
    ErrorClass.PAYLOAD: "Not tried again with the same values. After 20 in a row the campaign pauses itself.",
    ErrorClass.TEMPLATE: "The campaign paused; nobody loses their turn.",
    ErrorClass.ACCOUNT: _ALL_STOPPED,
    ErrorClass.AUTH: _ALL_STOPPED,
    ErrorClass.OUTCOME_UNKNOWN: "Never sent again by itself.",
}

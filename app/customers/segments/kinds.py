"""The kinds of fields a segment asks about, and what can be asked of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a field's values are."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    MOMENT = "moment"
    CHOICE = "choice"
    TAG = "tag"
    ATTRIBUTE = "attribute"  # a text or a number, as the operator says
    CAMPAIGN = "campaign"


class Takes(StrEnum):
    """What an operator compares with."""

    NOTHING = "nothing"
    TEXT = "text"  # 1 to 200 characters
    TEXTS = "texts"  # a list of them
    NUMBER = "number"
    NUMBERS = "numbers"  # two, the smaller first
    DAY = "day"  # "2026-11-21"
    DAYS = "days"  # two, the earlier first; both belong to it
    SPAN = "span"  # "30 days", "6 months"
    CHOICE = "choice"
    CAMPAIGNS = "campaigns"  # a list of public ids, or "any"


@dataclass(frozen=True, slots=True)
class Operator:
    """One thing to ask. `denies`: it is true of everybody of whom the operator named there is not."""

    name: str
    label: str
    takes: Takes
    denies: str | None = None


_SET = (
    Operator("is_set", "is known", Takes.NOTHING),
    Operator("is_not_set", "is not known", Takes.NOTHING, denies="is_set"),
)
_AT_ALL = (
    Operator("is_set", "has a date", Takes.NOTHING),
    Operator("is_not_set", "has no date", Takes.NOTHING, denies="is_set"),
)
_WORDS = (
    Operator("is", "is", Takes.TEXT),
    Operator("is_not", "is not", Takes.TEXT, denies="is"),
    Operator("is_any_of", "is one of", Takes.TEXTS),
    Operator("contains", "contains", Takes.TEXT),
    Operator("does_not_contain", "does not contain", Takes.TEXT, denies="contains"),
    Operator("starts_with", "starts with", Takes.TEXT),
)
_AMOUNTS = (
    Operator("more_than", "is more than", Takes.NUMBER),
    Operator("at_least", "is at least", Takes.NUMBER),
    Operator("less_than", "is less than", Takes.NUMBER),
    Operator("at_most", "is at most", Takes.NUMBER),
    Operator("between", "is between", Takes.NUMBERS),
)
_EQUALITY = (
    Operator("is", "is exactly", Takes.NUMBER),
    Operator("is_not", "is not", Takes.NUMBER, denies="is"),
)
_DAYS = (
    Operator("on", "is on", Takes.DAY),
    Operator("before", "is before", Takes.DAY),
    Operator("after", "is after", Takes.DAY),
    Operator("between", "is between", Takes.DAYS),
)
_PAST = (
    Operator("in_last", "is in the last", Takes.SPAN),
    Operator("not_in_last", "is not in the last", Takes.SPAN, denies="in_last"),
)
_COMING = (
    Operator("in_next", "is in the next", Takes.SPAN),
    Operator("not_in_next", "is not in the next", Takes.SPAN, denies="in_next"),
)

OPERATORS: dict[Kind, tuple[Operator, ...]] = {
    Kind.TEXT: _WORDS + _SET,
    Kind.NUMBER: _AMOUNTS + _EQUALITY,
    Kind.MONEY: _AMOUNTS + _EQUALITY,
    Kind.DATE: _COMING + _DAYS + _AT_ALL,
    Kind.MOMENT: _PAST + _DAYS + _AT_ALL,
    Kind.CHOICE: (Operator("is", "is", Takes.CHOICE), Operator("is_not", "is not", Takes.CHOICE, denies="is")),
    Kind.TAG: (
        Operator("has", "include", Takes.TEXT),
        Operator("has_not", "do not include", Takes.TEXT, denies="has"),
        Operator("has_any_of", "include one of", Takes.TEXTS),
        Operator("is_set", "are there", Takes.NOTHING),
        Operator("is_not_set", "are none", Takes.NOTHING, denies="is_set"),
    ),
    Kind.ATTRIBUTE: _WORDS + _AMOUNTS + _SET,
    Kind.CAMPAIGN: (
        Operator("did", "did", Takes.CAMPAIGNS),
        Operator("did_not", "did not", Takes.CAMPAIGNS, denies="did"),
    ),
}

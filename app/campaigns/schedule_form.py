"""The wizard's schedule step: when a campaign starts, in which hours it writes, and how it behaves meanwhile."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TimeField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput

from app.campaigns import recurrence, windows
from app.campaigns.models import EVERY_DAY, WINDOW_CLOSES, WINDOW_OPENS, Campaign, WhenCapped
from app.campaigns.recurrence import LAST_DAY, Rule
from app.campaigns.service.drafts import Manner
from app.shared.errors import Invalid
from app.shared.hours import Hours

NORMAL, HIGH, HEAVIEST = 1, 3, 10
START_AT = time(10)
_DAYS = [SelectChoice(day, name) for day, name in windows.DAYS.items()]


class DaysField(SelectMultipleField):
    """Days of the week, each with a box to tick. Its data are ISO numbers."""

    option_widget = CheckboxInput()

    def __init__(self, label: str, **named: Any) -> None:
        super().__init__(label, choices=_DAYS, coerce=int, **named)


class ScheduleForm(FlaskForm):
    """When to send, in which hours, and how."""

    when = RadioField(
        "When",
        choices=[
            SelectChoice("now", "As soon as I press send"),
            SelectChoice("later", "Once, later"),
            SelectChoice("repeat", "Again and again"),
        ],
        default="now",
    )
    scheduled_for = DateTimeLocalField("Date and time", format="%Y-%m-%dT%H:%M", validators=[Optional()])

    every = SelectField(
        "Repeat every",
        choices=[SelectChoice("day", "Day"), SelectChoice("week", "Week"), SelectChoice("month", "Month")],
        default="week",
    )
    interval = IntegerField(
        "Every how many",
        default=1,
        validators=[
            Optional(),
            NumberRange(
                1,
                recurrence.LONGEST_INTERVAL,
                message=f"A whole number from 1 to {recurrence.LONGEST_INTERVAL}.",
            ),
        ],
    )
    repeat_on = DaysField("On these days of the week")
    monthdays = StringField("On these days of the month", validators=[Length(max=120)])
    at = TimeField("At", default=START_AT, validators=[Optional()])
    starts_on = DateField("Beginning on", validators=[Optional()])
    ends = RadioField(
        "Ends",
        choices=[
            SelectChoice("never", "Never"),
            SelectChoice("until", "On a day"),
            SelectChoice("times", "After so many times"),
        ],
        default="never",
    )
    until = DateField("Last day", validators=[Optional()])
    times = IntegerField(
        "Number of times",
        validators=[
            Optional(),
            NumberRange(1, recurrence.MOST_TIMES, message=f"A whole number from 1 to {recurrence.MOST_TIMES:,}."),
        ],
    )

    hours = RadioField(
        "Write to people",
        choices=[
            SelectChoice("between", "Only in these hours, in each customer’s own time zone"),
            SelectChoice("any", "At any time of day"),
        ],
        default="between",
    )
    opens = TimeField("From", default=WINDOW_OPENS, validators=[Optional()])
    closes = TimeField("Until", default=WINDOW_CLOSES, validators=[Optional()])
    open_on = DaysField("On these days")

    when_capped = RadioField(
        "Who got enough marketing this week",
        choices=[
            SelectChoice(WhenCapped.SKIP.value, "Skip them"),
            SelectChoice(WhenCapped.WAIT.value, "Write to them when their week is over"),
        ],
        default=WhenCapped.SKIP.value,
    )
    weight = SelectField("Priority", coerce=int, default=NORMAL)
    rate_limit = IntegerField(
        "Messages per minute",
        validators=[Optional(), NumberRange(1, 100_000, message="A whole number from 1 to 100,000, or nothing.")],
    )
    max_failure_share = IntegerField(
        "Pause when more than so many percent fail",
        validators=[Optional(), NumberRange(1, 100, message="A whole number from 1 to 100, or nothing.")],
    )
    retry_failed = BooleanField("Try again where the phone could not be reached")
    max_retries = IntegerField(
        "Tries after the first",
        default=3,
        validators=[Optional(), NumberRange(0, 10, message="A whole number from 0 to 10.")],
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        choices = {NORMAL: "Normal", HIGH: "High: three times its share"}
        if self.weight.data in range(NORMAL, HEAVIEST + 1) and self.weight.data not in choices:
            choices[self.weight.data] = f"{self.weight.data} times its share"
        self.weight.choices = [SelectChoice(*choice) for choice in choices.items()]

    @classmethod
    def of(cls, campaign: Campaign, zone: ZoneInfo) -> ScheduleForm:
        """The form showing how the campaign is planned."""
        hours = windows.hours_of(campaign)
        return cls(
            **_start(campaign, zone),
            hours="between" if hours else "any",
            opens=hours.opens if hours else WINDOW_OPENS,
            closes=hours.closes if hours else WINDOW_CLOSES,
            open_on=sorted(hours.weekdays) if hours else list(EVERY_DAY),
            when_capped=campaign.when_capped.value,
            weight=campaign.weight,
            rate_limit=campaign.rate_limit,
            max_failure_share=campaign.max_failure_share,
            retry_failed=campaign.retry_failed,
            max_retries=campaign.max_retries,
        )

    def moment(self, zone: ZoneInfo) -> datetime | None:
        """The chosen time, or None for now or a rule. Raises `Invalid` when a time was promised and not given."""
        if self.when.data != "later":
            return None
        if self.scheduled_for.data is None:
            raise Invalid("Choose a date and a time.", "scheduled_for")
        chosen: datetime = self.scheduled_for.data
        try:
            return chosen.replace(tzinfo=zone).astimezone(UTC)
        except OverflowError as error:  # of the calendar's first day, or its last
            raise Invalid("Choose a time within the next year.", "scheduled_for") from error

    def rule(self, today: date) -> Rule | None:
        """The rule of a campaign that repeats; None for one that does not. Raises `Invalid` at the field to mend."""
        if self.when.data != "repeat":
            return None
        ends, every = self.ends.data, self.every.data
        return Rule(
            every=every,
            at=_given(self.at.data, "Choose a time.", "at"),
            starts_on=self.starts_on.data or today,
            interval=self.interval.data or 1,
            weekdays=tuple(sorted(self.repeat_on.data or ())) if every == recurrence.WEEK else (),
            monthdays=_monthdays(self.monthdays.data or "") if every == recurrence.MONTH else (),
            until=_given(self.until.data, "Choose the last day.", "until") if ends == "until" else None,
            times=_given(self.times.data, "Say how many times.", "times") if ends == "times" else None,
        )

    def window(self) -> Hours | None:
        """The chosen hours; None: at any time. Raises `Invalid` at the field to mend."""
        if self.hours.data == "any":
            return None
        opens = _given(self.opens.data, "From when on?", "opens")
        closes = _given(self.closes.data, "Until when?", "closes")
        if opens == closes:
            raise Invalid("These are no hours; choose a later end, or any time.", "closes")
        if not self.open_on.data:
            raise Invalid("Choose at least one day.", "open_on")
        return Hours(opens, closes, frozenset(self.open_on.data))

    def manner(self) -> Manner:
        """How to send."""
        return Manner(
            rate_limit=self.rate_limit.data,
            weight=self.weight.data,
            when_capped=WhenCapped(self.when_capped.data),
            max_failure_share=self.max_failure_share.data,
            retry_failed=self.retry_failed.data,
            max_retries=self.max_retries.data or 0,
        )

    def blame(self, error: Invalid) -> None:
        """Let the refusal stand at the field that it is about."""
        name = {"recurrence": "when", "weekdays": "repeat_on"}.get(error.field or "", error.field)
        self[name if name and name in self else "when"].errors = [str(error)]


def _start(campaign: Campaign, zone: ZoneInfo) -> dict[str, Any]:
    planned = campaign.scheduled_for.astimezone(zone) if campaign.scheduled_for else None
    if campaign.recurrence is None:
        return {"when": "later" if planned else "now", "scheduled_for": planned}
    rule = Rule.from_json(campaign.recurrence)
    return {
        "when": "repeat",
        "every": rule.every,
        "interval": rule.interval,
        "repeat_on": list(rule.weekdays),
        "monthdays": ", ".join("last" if day == LAST_DAY else str(day) for day in rule.monthdays),
        "at": rule.at,
        "starts_on": rule.starts_on,
        "ends": "until" if rule.until else "times" if rule.times else "never",
        "until": rule.until,
        "times": rule.times,
    }


def _given(value: Any, sentence: str, field: str) -> Any:
    if value is None:
        raise Invalid(sentence, field)
    return value


def _monthdays(written: str) -> tuple[int, ...]:
    """What stands in "1, 15, last"."""
    words = [word for word in re.split(r"[\s,;]+|\band\b", written.lower()) if word]
    days = {LAST_DAY if word == "last" else _day(word) for word in words}
    return tuple(sorted(days))


def _day(word: str) -> int:
    digits = re.fullmatch(r"([0-9]{1,2})(st|nd|rd|th|\.)?", word)
    if digits is None or not 1 <= int(digits[1]) <= 31:
        raise Invalid("Days of the month are numbers from 1 to 31, or the word last.", "monthdays")
    return int(digits[1])

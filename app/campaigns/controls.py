"""How a value stands in its control, and what is stored of what was typed there.

A time is stored with its zone, as the template needs it, and shown on the workspace's clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.message_templates.questions import Question
from app.meta.components import MissingValue
from app.meta.parameters import unix_milliseconds

TIME = "datetime-local"
NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Control:
    """An input's type, and the value that it shows."""

    type: str
    value: str


def control_of(question: Question, value: str, zone: ZoneInfo) -> Control:
    """The question's input; a value that it could not show stands in a plain one, to be mended."""
    if question.control == TIME:
        local = _on_the_clock(question.key, value, zone)
        return Control("text", value) if value and not local else Control(TIME, local)
    is_strange = question.control == "number" and value and not NUMBER.fullmatch(value)
    return Control("text" if is_strange else question.control, value)


def stored(question: Question, typed: str, zone: ZoneInfo) -> str:
    """What was typed, trimmed; a time without a zone is the workspace's."""
    typed = typed.strip()
    if question.control != TIME or typed.isdigit():
        return typed
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        return typed
    return moment.replace(tzinfo=moment.tzinfo or zone).isoformat()


def _on_the_clock(key: str, value: str, zone: ZoneInfo) -> str:
    try:
        moment = datetime.fromtimestamp(unix_milliseconds(key, value) / 1000, UTC)
    except MissingValue:
        return ""
    return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M")

"""What happens to the account: it takes effect here, survives a restart, and is told as Meta would."""

import time
from typing import Any

from sandbox.announcements.effects import take_effect
from sandbox.stage import Stage


class BadAnnouncement(ValueError):
    """An event that is none; its text is the sentence for the person who asked for it."""


def happen_to_account(field: Any, value: Any, stage: Stage) -> None:
    """Let an event happen: the simulated account changes as it says, and it is told. Raises BadAnnouncement."""
    if not isinstance(field, str) or not field:
        raise BadAnnouncement("`field` must be the name of a webhook field, such as account_update.")
    if not isinstance(value, dict):
        raise BadAnnouncement("`value` must be an object as in Meta's webhook of that field.")
    try:
        take_effect(field, value, stage)
    except (TypeError, ValueError, AttributeError, KeyError) as odd:
        raise BadAnnouncement(f"`value` is not as in Meta's webhook of {field}: {odd}.") from None
    announce(field, value, stage)


def announce(field: str, value: dict[str, Any], stage: Stage) -> None:
    """Tell the webhook of a field and its value."""
    fact = stage.store.record({"k": "event", "field": field, "value": value, "at": time.time()})
    stage.postman.put((fact, 0))

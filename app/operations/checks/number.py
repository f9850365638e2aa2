"""The phone number in Meta's eyes: does it work, under which name, how well, how fast, to how many."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from app import config
from app.channels import words
from app.channels.limits import has_known_tier, messaging_limit
from app.channels.queries import the_channel
from app.channels.words import NAME_STATUSES, QUALITIES, STATUSES, THROUGHPUTS, Word
from app.meta.phone_numbers import TIER_LIMITS
from app.operations.checks.findings import Finding, bad, ok, warn
from app.operations.checks.interview import Told

BY_COLOR: Mapping[str, Callable[[str, str, str], Finding]] = {"green": ok, "secondary": ok, "yellow": warn, "red": bad}
MANAGER = "Open the number in WhatsApp Manager."
BETTER = "Write to fewer people, who asked for it; make opting out easy."
STANDARD_SPEED = 80  # messages a second, Meta's usual throughput


def number_status(told: Told) -> Finding | None:
    """The number is connected."""
    return _judge("Number", STATUSES, told.number.status if told.number else None, MANAGER)


def display_name(told: Told) -> Finding | None:
    """Meta lets customers see the business's name."""
    return _judge("Display name", NAME_STATUSES, told.number.name_status if told.number else None, MANAGER)


def quality(told: Told) -> Finding | None:
    """Customers take the messages well."""
    return _judge("Quality", QUALITIES, told.number.quality_rating if told.number else None, BETTER)


def _judge(name: str, known: Mapping[str, Word], said: str | None, fix: str) -> Finding | None:
    """Meta's word in ours, as bad as its colour; None where Meta said none."""
    if not said:
        return None
    if (word := known.get(said)) is None:
        return warn(name, f"Meta says of it: {said}.", MANAGER)
    return BY_COLOR[word.color](name, f"{word.text}. {word.meaning}".strip(), "" if _is_well(word) else fix)


def _is_well(word: Word) -> bool:
    return BY_COLOR[word.color] is ok


def sending(told: Told) -> Finding | None:
    """Nothing of the number, its account or its business stands in the way of sending."""
    if told.number is None or not (health := told.number.health):
        return None
    if health == "AVAILABLE":
        return ok("Sending", "Meta lets the number send.")
    problems = " ".join(told.number.health_problems) or "Meta does not say why."
    if health == "LIMITED":
        return warn("Sending", f"Meta lets the number send only in part. {problems}", MANAGER)
    return bad("Sending", f"Meta does not let the number send. {problems}", MANAGER)


def throughput(told: Told) -> Finding | None:
    """Meta takes messages as fast as they are sent."""
    if told.number is None or not (level := told.number.throughput_level):
        return None
    said, channel = THROUGHPUTS.get(level, level), the_channel()
    if level == "NOT_APPLICABLE":
        return bad("Throughput", f"{said}.", MANAGER)
    if channel and level == "STANDARD" and channel.messages_per_second > STANDARD_SPEED:
        sentence = f"{said}; this house sends up to {channel.messages_per_second}."
        return warn("Throughput", sentence, f"Set the channel's speed to {STANDARD_SPEED} or less.")
    return ok("Throughput", f"{said}.")


def limit(told: Told) -> Finding | None:
    """How many customers Meta allows, and how many are in use here."""
    if told.number is None or (channel := the_channel()) is None:
        return None
    kept = messaging_limit(channel, config.current().daily_limit)
    sentence = f"In use: {words.limit(kept).lower()}. {kept.why}"
    if channel.tier != told.number.messaging_limit_tier:
        return warn("Messaging limit", f"Meta has changed it. {sentence}", "Press “Read from Meta now” on Channel.")
    if not has_known_tier(channel):
        return warn("Messaging limit", sentence, "Verify the business in Meta's Business settings.")
    allowed = TIER_LIMITS[channel.tier or ""]
    if allowed is not None and (kept.value is None or kept.value > allowed):
        return warn("Messaging limit", sentence, f"Set WHATSAPP_DAILY_LIMIT to {allowed} or less, or unset it.")
    return ok("Messaging limit", sentence)

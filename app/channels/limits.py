"""How many different customers a channel's portfolio may write to in 24 hours, and why that many."""

from __future__ import annotations

from dataclasses import dataclass

from app.channels.models import Channel
from app.meta.phone_numbers import TIER_LIMITS

SHARE_OF_TIER = 80  # percent; the rest stays free for conversations started from other tools
WITHOUT_TIER = 200  # 80 % of 250, Meta's smallest tier
# Meta's word for a portfolio that has no tier yet. It promises nothing, so it must not read as "no limit".
NO_TIER_YET = "UNTIERED"


@dataclass(frozen=True, slots=True)
class MessagingLimit:
    """Unique customers in a rolling 24 hours (`value`, None without a limit) and a sentence that says why."""

    value: int | None
    why: str


def messaging_limit(channel: Channel, daily_limit: int | None) -> MessagingLimit:
    """The limit we keep: `daily_limit` (WHATSAPP_DAILY_LIMIT), else 80 % of Meta's tier, else 200."""
    if daily_limit is not None:
        return MessagingLimit(daily_limit, f"WHATSAPP_DAILY_LIMIT says so.{_warning(channel, daily_limit)}")
    if not has_known_tier(channel):
        return MessagingLimit(WITHOUT_TIER, "Meta has not told the tier; 200 is safe in the smallest one.")
    tier = TIER_LIMITS[channel.tier or ""]
    if tier is None:
        return MessagingLimit(None, "Meta sets this business no limit.")
    return MessagingLimit(tier * SHARE_OF_TIER // 100, f"{SHARE_OF_TIER} % of the {tier:,} that Meta allows.")


def for_campaigns(channel: Channel, daily_limit: int | None, reserve_percent: int) -> int | None:
    """What campaigns may use of the limit: the rest, rounded down, is kept for replies and order notices."""
    limit = messaging_limit(channel, daily_limit).value
    return None if limit is None else limit - limit * reserve_percent // 100


def has_known_tier(channel: Channel) -> bool:
    """Whether Meta told a tier whose number we know."""
    return channel.tier in TIER_LIMITS and channel.tier != NO_TIER_YET


def _warning(channel: Channel, daily_limit: int) -> str:
    tier = TIER_LIMITS[channel.tier or ""] if has_known_tier(channel) else None
    if tier is None or daily_limit <= tier:
        return ""
    return f" Meta allows only {tier:,}: what goes beyond will be refused."

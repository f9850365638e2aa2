"""The gate: may this message leave? Pure; one row of facts in, a reason to skip out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.messaging.models import SkipReason

NANP = "+1"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gate needs to know of one recipient and of what would be sent to it."""

    phone: str | None
    user_id: str | None
    is_marketing: bool
    has_opted_out: bool
    has_consent: bool  # in the ledger, or attested by whoever brought the list


def may_speak_freely(window_expires_at: datetime | None, at: datetime) -> bool:
    """Whether a message that is no template may leave: only so long after the customer wrote."""
    return window_expires_at is not None and at < window_expires_at


def refusal(facts: Facts) -> SkipReason | None:
    """Why this message must not leave, or None when it may.

    Meta does not deliver marketing templates to +1 numbers; sending them only costs quality.
    """
    if not facts.phone and not facts.user_id:
        return SkipReason.NO_ADDRESS
    if not facts.is_marketing:
        return None
    if facts.has_opted_out:
        return SkipReason.OPTED_OUT
    if not facts.has_consent:
        return SkipReason.NO_CONSENT
    if facts.phone and facts.phone.startswith(NANP):
        return SkipReason.US_MARKETING
    return None

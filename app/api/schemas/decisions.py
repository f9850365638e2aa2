"""What people decide about messages that failed or are in doubt."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.api.schemas.campaigns import Moved
from app.api.schemas.common import Incoming, PhoneText

MOST_DECIDED = 1000


class WhoseDoubt(Incoming):
    """Whose messages in doubt are decided on."""

    recipients: Annotated[list[PhoneText], Field(min_length=1, max_length=MOST_DECIDED)] | None = Field(
        default=None,
        examples=[["+919812345678"]],
        description="Phone numbers, or the `message_id` of who has none. Left out: all whose message is in doubt for "
        "15 minutes.",
    )


class Decided(Moved):
    """What the campaign is now, and for how many the decision was."""

    recipients: int = Field(ge=1)

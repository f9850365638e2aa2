"""One message to one person."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.api.schemas.common import Incoming, PhoneText, Problem, Text, Words


class MessageIn(Incoming):
    """One template message."""

    template_name: Words = Field(examples=["booking_confirmed"])
    language: Words | None = Field(
        default=None, examples=["en"], description="Left out: the approved one, by language code."
    )
    recipient: PhoneText = Field(examples=["+919812345678"])
    variables: dict[Words, Text | int | float] = Field(
        default_factory=dict,
        max_length=100,
        examples=[{"1": "Asha", "2": "Goa", "header.media": "https://example.com/beach.jpg"}],
        description='The value of each variable or option, by its key as `GET /templates` lists them ("body.1", '
        '"header.latitude", "limited_time_offer.expiration", "button.0.sections", "card.0.header.media"); "body." may '
        'be left out ("1"). "payload" serves every quick reply without one of its own.',
    )


class MessageOut(BaseModel):
    """Meta accepted the message (which is not: delivered)."""

    success: Literal[True] = True
    message_id: UUID
    recipient: str


class MessageUnconfirmed(BaseModel):
    """The request left and no clear answer came. Do not send again by itself: the customer may have the message."""

    success: None = None
    status: Literal["unconfirmed"] = "unconfirmed"
    message_id: UUID
    recipient: str


class MessageProblem(Problem):
    """Why Meta did not take the message."""

    meta_code: int | None = Field(description="Meta's error code; negative: Meta was never reached.")


class MessageRefused(BaseModel):
    """Meta refused the message, or could not be reached; the customer got nothing."""

    success: Literal[False] = False
    message_id: UUID
    recipient: str
    error: MessageProblem

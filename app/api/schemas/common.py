"""What all shapes share: strictness on the way in, and how an error looks."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# PostgreSQL takes no NUL in a text; said as a pattern, the description says so too.
NO_NUL = r"^[^\x00]*$"

Text = Annotated[str, StringConstraints(max_length=1000, pattern=NO_NUL)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
PhoneText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=40, pattern=NO_NUL),
    Field(description="A phone number, best as E.164 with `+`; others are read in the workspace's region."),
]


class Incoming(BaseModel):
    """What a caller sends. A field nobody knows is a mistake, not a wish to be ignored."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """Why a call was refused."""

    code: str = Field(description="One word for programs: invalid, refused, not_found, unauthorized, …")
    message: str = Field(description="A sentence for people.")
    fields: dict[str, list[str]] = Field(description="What is wrong with which field of the request.")


class Error(BaseModel):
    """A refusal."""

    error: Problem

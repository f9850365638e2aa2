"""Refusals with a sentence for people. Doors turn them into 404, 409 or 422; nothing else does."""

from __future__ import annotations


class Refused(Exception):
    """What was asked cannot be done now; `str()` is a sentence for people (HTTP 409)."""


class Invalid(Exception):
    """What was given cannot be used; says which field and why (HTTP 422)."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class Missing(Exception):
    """What was asked for does not exist, or not for this person (HTTP 404)."""

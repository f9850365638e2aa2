"""Segments that come with the product, for everybody to use and change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ready:
    """A segment's name, what it is for, and its JSON."""

    name: str
    description: str
    query: dict[str, Any]


def _all(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"logic": "AND", "conditions": list(conditions)}


def _one(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"logic": "OR", "conditions": list(conditions)}


READY = (
    Ready(
        "Booked in the last 30 days",
        "Bought something lately: for a thank-you or an addition to their trip.",
        _all({"field": "sales.last_at", "operator": "in_last", "value": "30 days"}),
    ),
    Ready(
        "Spent more than 50,000",
        "Your best customers, by all they bought so far in your currency.",
        _all({"field": "sales.total", "operator": "more_than", "value": 50000}),
    ),
    Ready(
        "Interested in Bali",
        "Booked Bali, or somebody noted that they would like to.",
        _one(
            {"field": "saleDetails.destination", "operator": "contains", "value": "Bali"},
            {"field": "attributes.interest", "operator": "contains", "value": "Bali"},
            {"field": "tags", "operator": "has", "value": "bali"},
        ),
    ),
    Ready(
        "Upcoming bookings",
        "What they booked has not begun yet: for reminders and news about the trip.",
        _all({"field": "sales.next_starts_on", "operator": "is_set"}),
    ),
)

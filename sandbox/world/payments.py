"""What Razorpay remembers: payment links, and the events it still owes its webhook."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Payments:
    """Links by id, in Razorpay's own shape; events by id: `{body, since}`. An entry is replaced, never changed in
    place, so that the snapshot can be written beside."""

    links: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: dict[str, dict[str, Any]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Everything, for the snapshot."""
        return {"links": dict(self.links), "events": dict(self.events)}

    def load(self, kept: dict[str, Any]) -> None:
        """Take over what a snapshot kept."""
        self.links, self.events = kept.get("links", {}), kept.get("events", {})

    def of_reference(self, reference_id: str) -> dict[str, Any] | None:
        """The link of a reference id."""
        return next((link for link in self.links.values() if link["reference_id"] == reference_id), None)

"""What people type into the builder."""

from __future__ import annotations

from collections.abc import Mapping

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40

TYPED: Mapping[str, str] = {
    "name": "diwali_offer",
    "language": "en",
    "category": "MARKETING",
    "parameter_format": "NAMED",
    "header.format": "TEXT",
    "header.text": "Diwali at our shop",
    "body.text": "Hi {{first_name}}, our *Diwali boxes* are here.\r\nOrder before the weekend.",
    "body.samples.first_name": "Asha",
    "footer.text": "Reply STOP to opt out",
    "buttons.0.type": "QUICK_REPLY",
    "buttons.0.text": "Stop",
    "buttons.1.type": "URL",
    "buttons.1.text": "Shop now",
    "buttons.1.url": "https://example.com/d/{{1}}",
    "buttons.1.sample": "r/9001",
}


def typed(**changes: str) -> dict[str, str]:
    """TYPED with these fields instead; a double underscore stands for the dot."""
    return {**TYPED, **{name.replace("__", "."): value for name, value in changes.items()}}

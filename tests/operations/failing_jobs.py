"""Jobs that fail, to be looked at."""

from __future__ import annotations

FOREIGN = "bad inbound: <img src=x onerror=alert(1)>"


def choke(campaign_id: int) -> None:
    raise ValueError(FOREIGN)


def stumble(campaign_id: int, secret: str = "") -> None:
    raise KeyError("city")

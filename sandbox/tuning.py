"""What can be changed while the sandbox runs: pace, limits, faults, what customers and webhooks do."""

from dataclasses import asdict, dataclass, field, fields, is_dataclass
from math import isfinite
from typing import Any


class BadTuning(ValueError):
    """A change that was refused; its text is the sentence for the person who asked for it."""


def _rate(usual: float) -> Any:
    return field(default=usual, metadata={"most": 1.0})


def _count(usual: int, least: int, most: int) -> Any:
    return field(default=usual, metadata={"least": least, "most": most})


@dataclass
class Faults:
    """Shares (0–1) of message sends that meet an accident."""

    http_500_rate: float = _rate(0.0)
    hang_rate: float = _rate(0.0)
    accept_then_drop_rate: float = _rate(0.0)


@dataclass
class Statuses:
    """How long delivery takes (milliseconds) and which share of customers does what."""

    delay_ms: float = 300.0
    read_rate: float = _rate(0.6)
    reply_rate: float = _rate(0.0)
    click_rate: float = _rate(0.0)
    order_rate: float = _rate(0.0)
    skip_delivered_rate: float = _rate(0.0)


@dataclass
class Webhooks:
    """Where updates go and how untidily: doubled, out of order, up to `batch_size` in one post."""

    url: str = ""
    duplicate_rate: float = _rate(0.0)
    shuffle: bool = False
    batch_size: int = _count(20, 1, 1000)
    delay_ms: float = 0.0


@dataclass
class Tuning:
    """Pace and limits of the simulated platform; 0 switches a limit off. `pair_rate` is the number of
    seconds Meta wants between two messages to one customer (Meta: 6, with its burst of 45)."""

    latency_ms: float = 50.0
    latency_jitter_ms: float = 0.0
    throughput_mps: float = 80.0
    pair_rate: float = 0.0
    messaging_limit: int = 100_000
    token_expired: bool = False
    faults: Faults = field(default_factory=Faults)
    statuses: Statuses = field(default_factory=Statuses)
    webhooks: Webhooks = field(default_factory=Webhooks)

    def as_json(self) -> dict[str, Any]:
        """The whole tuning as plain JSON."""
        return asdict(self)

    def change(self, changes: Any) -> None:
        """Merge a partial tuning into this one, all of it or (on BadTuning) nothing."""
        for part, name, value in list(_checked(self, changes, "")):
            setattr(part, name, value)


def _checked(part: Any, changes: Any, path: str) -> Any:
    if not isinstance(changes, dict):
        raise BadTuning(f"{path or 'The config'} must be a JSON object.")
    known = {one.name: one for one in fields(part)}
    for name, value in changes.items():
        where = f"{path}.{name}" if path else str(name)
        if name not in known:
            raise BadTuning(f"{where} is not known; known here: {', '.join(known)}.")
        present = getattr(part, name)
        if is_dataclass(present):
            yield from _checked(present, value, where)
        else:
            yield part, name, _value(where, present, value, known[name].metadata)


def _value(where: str, present: Any, value: Any, bounds: Any) -> Any:
    if isinstance(present, bool):
        return _of_type(where, value, bool, "true or false")
    if isinstance(present, str):
        return _url(where, value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise BadTuning(f"{where} must be a number.")
    if isinstance(present, int) and value != int(value):
        raise BadTuning(f"{where} must be a whole number.")
    least, most = bounds.get("least", 0), bounds.get("most")
    if value < least or (most is not None and value > most):
        raise BadTuning(f"{where} must be {_span(least, most)}.")
    return type(present)(value)


def _of_type(where: str, value: Any, kind: type, words: str) -> Any:
    if not isinstance(value, kind):
        raise BadTuning(f"{where} must be {words}.")
    return value


def _url(where: str, value: Any) -> str:
    url = str(_of_type(where, value, str, "a URL"))
    if not url.startswith(("http://", "https://")):
        raise BadTuning(f"{where} must begin with http:// or https://.")
    return url


def _span(least: float, most: float | None) -> str:
    return f"{least:g} or more" if most is None else f"between {least:g} and {most:g}"

"""What can be changed while the sandbox runs: pace, limits, faults, what customers and webhooks do."""

from dataclasses import asdict, dataclass, field, fields, is_dataclass
from math import isfinite
from typing import Any

from sandbox.errors import TITLES


class BadTuning(ValueError):
    """A change that was refused; its text is the sentence for the person who asked for it."""


def _rate(usual: float) -> Any:
    return field(default=usual, metadata={"most": 1.0})


def _count(usual: int, least: int, most: int) -> Any:
    return field(default=usual, metadata={"least": least, "most": most})


@dataclass
class Faults:
    """Shares (0–1) of message sends that meet an accident; the answers of `slow_rate` come `slow_ms` late."""

    http_500_rate: float = _rate(0.0)
    hang_rate: float = _rate(0.0)
    accept_then_drop_rate: float = _rate(0.0)
    slow_rate: float = _rate(0.0)
    slow_ms: float = 3000.0


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
    failed_contacts_rate: float = _rate(0.0)  # share of `failed` statuses that bring the contact all the same
    delay_ms: float = 0.0


@dataclass
class Quality:
    """How Meta minds quality. `hold_rate` of marketing sends are held for assessment, after `hold_ms` sent on, or
    (`drop_rate` of them) dropped. A template is paused after so many sends, or after so many customers blocked
    (`block_rate` of those it reaches); twice for a while (`pause_ms`, then double), the third time for ever."""

    hold_rate: float = _rate(0.0)
    hold_ms: float = 5000.0
    drop_rate: float = _rate(0.0)
    block_rate: float = _rate(0.0)
    pause_after_sends: int = 0
    pause_after_blocks: int = 0
    pause_ms: float = 30_000.0


@dataclass
class Management:
    """Calls an hour until Meta says stop: of the app (code 4), of the account (80007), of a catalog (80009) and its
    batches (80014); and how many templates an account may have."""

    app_calls: int = 0
    account_calls: int = 0
    catalog_calls: int = 0
    batch_calls: int = 0
    most_templates: int = 6000


@dataclass
class Reviews:
    """How long Meta's decisions take (milliseconds): a template's review, a batch of items, an item's review."""

    template_ms: float = 2000.0
    batch_ms: float = 1500.0
    item_ms: float = 2000.0


@dataclass
class Marketing:
    """The Marketing Messages API: whether the account may use it, whether marketing is refused on plain messages;
    and how many marketing messages a customer takes in 24 hours (0: any number)."""

    is_onboarded: bool = True
    disable_marketing_messages_on_cloud_api: bool = False
    customer_cap: int = 0


@dataclass
class Razorpay:
    """Where Razorpay's events go, how late (milliseconds), and which share comes twice."""

    webhook_url: str = ""
    delay_ms: float = 0.0
    duplicate_rate: float = _rate(0.0)


@dataclass
class Tuning:
    """Pace and limits of the simulated platform; 0 switches a limit off. `pair_rate` is the number of
    seconds Meta wants between two messages to one customer (Meta: 6, with its burst of 45); `fail_with` is the code
    with which every Graph call is refused (-1: none); `free_service_messages` a month are not charged."""

    latency_ms: float = 50.0
    latency_jitter_ms: float = 0.0
    throughput_mps: float = 80.0
    pair_rate: float = 0.0
    messaging_limit: int = 100_000
    free_service_messages: int = 1000
    token_expired: bool = False
    fail_with: int = field(default=-1, metadata={"least": -1, "codes": (-1, *TITLES)})
    faults: Faults = field(default_factory=Faults)
    statuses: Statuses = field(default_factory=Statuses)
    webhooks: Webhooks = field(default_factory=Webhooks)
    quality: Quality = field(default_factory=Quality)
    marketing: Marketing = field(default_factory=Marketing)
    management: Management = field(default_factory=Management)
    reviews: Reviews = field(default_factory=Reviews)
    razorpay: Razorpay = field(default_factory=Razorpay)

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
    if value not in bounds.get("codes", (value,)):
        raise BadTuning(f"{where} must be one of Meta's error codes, or -1 for none.")
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

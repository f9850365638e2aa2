"""What happened: messages to customers, messages from them, account events; and the customers."""

import time
from dataclasses import dataclass
from typing import Any

from sandbox.ids import user_id_of

WINDOW = 24 * 3600.0
STATUSES = frozenset({"sent", "delivered", "read", "failed"})

_FIRST = (
    "Asha",
    "Rohan",
    "Meera",
    "Imran",
    "Kavita",
    "Arjun",
    "Sunita",
    "Farhan",
    "Divya",
    "Nikhil",
    "Priya",
)
_LAST = ("Patil", "Shah", "Iyer", "Khan", "Deshmukh", "Fernandes", "Kulkarni", "Mehta", "Naik")


def is_status(step: str) -> bool:
    """Whether a step is a status to tell, and not something the customer does."""
    return step.partition(":")[0] in STATUSES


CHANGEABLE = frozenset(
    {"given_name", "given_user_id", "username", "hides_phone", "has_blocked", "stopped_marketing", "is_gone"}
)


class Customer:
    """One simulated phone. Known by its number, or by its user id alone.

    `hides_phone`: goes by a username, webhooks name only the user id. `is_gone`: the number was given up.
    """

    __slots__ = ("key", "phone", "last_wrote_at", "entries", *sorted(CHANGEABLE))

    def __init__(self, key: str, phone: str | None) -> None:
        self.key = key
        self.phone = phone
        self.given_name: str | None = None
        self.given_user_id: str | None = None
        self.username: str | None = None
        self.hides_phone = False
        self.has_blocked = False
        self.stopped_marketing = False
        self.is_gone = False
        self.last_wrote_at = 0.0
        self.entries: list[Outgoing | Incoming] = []

    @property
    def user_id(self) -> str:
        """The business-scoped user id."""
        return self.given_user_id or (user_id_of(self.phone) if self.phone else self.key)

    @property
    def shown_phone(self) -> str | None:
        """The phone as webhooks name it; None for a customer known by user id alone."""
        return None if self.hides_phone else self.phone

    def refusal_of(self, category: str) -> str | None:
        """The error code with which a message of that category fails at this customer, if it does."""
        if self.has_blocked or self.is_gone:
            return "131026"
        return "131050" if self.stopped_marketing and category.startswith("marketing") else None

    @property
    def name(self) -> str:
        """The profile name: as given, else one that always fits this number."""
        if self.given_name:
            return self.given_name
        seed = sum(self.key.encode()) + int(self.key[-4:]) if self.key[-4:].isdigit() else 0
        return f"{_FIRST[seed % len(_FIRST)]} {_LAST[seed // 7 % len(_LAST)]}"

    def has_open_window(self, now: float) -> bool:
        """Whether the 24-hour customer-service window is open."""
        return now - self.last_wrote_at < WINDOW


@dataclass(slots=True)
class Outgoing:
    """A message the sandbox accepted. Kept narrow: the payload stays in the journal at `place`.

    `steps` are the things that follow ("sent", "delivered", "read", "failed:131026", "reply", "tap",
    "order"), `offsets` their milliseconds after acceptance, `done` a bit for each step that was told.
    """

    n: int
    id: str
    customer: Customer
    channel_id: str
    kind: str
    template: tuple[str, str] | None  # name, language
    category: str
    callback: str | None
    accepted_at: float
    by_user_id: bool
    counts: bool  # against the messaging limit
    steps: tuple[str, ...]
    offsets: tuple[int, ...]
    place: tuple[int, int]  # offset and length in the journal
    pricing_type: str = "regular"
    order: tuple[str, str] | None = None  # reference and status that the message brings or changes
    done: int = 0

    def due(self, step: int) -> float:
        """When a step happens, in seconds since the epoch."""
        return self.accepted_at + self.offsets[step] / 1000

    def open_steps(self) -> list[int]:
        """The steps nobody was told of yet."""
        return [step for step in range(len(self.steps)) if not self.done >> step & 1]

    def statuses(self, now: float | None = None) -> list[dict[str, Any]]:
        """The statuses reached so far: `{status, timestamp, code?}`, oldest first."""
        now = now or time.time()
        reached = []
        for step, text in enumerate(self.steps):
            status, _, code = text.partition(":")
            if is_status(text) and self.due(step) <= now:
                entry: dict[str, Any] = {"status": status, "timestamp": round(self.due(step), 3)}
                reached.append(entry | ({"code": int(code)} if code else {}))
        return reached


@dataclass(slots=True)
class Incoming:
    """A message a customer wrote. `body` is the item of Meta's `messages[]`."""

    n: int
    id: str
    customer: Customer
    channel_id: str
    at: float
    body: dict[str, Any]
    done: int = 0
    was_read: bool = False

    def open_steps(self) -> list[int]:
        """Its one step, the webhook, while it is untold."""
        return [] if self.done else [0]


@dataclass(slots=True)
class AccountEvent:
    """An event of the account, its number or a template: a webhook field and its value."""

    n: int
    field: str
    value: dict[str, Any]
    at: float
    done: int = 0

    def open_steps(self) -> list[int]:
        """Its one step, the webhook, while it is untold."""
        return [] if self.done else [0]


Fact = Outgoing | Incoming | AccountEvent

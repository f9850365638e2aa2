"""The last posts to the webhook, to be looked at: what was in them, and what the receiver said."""

import itertools
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.webhooks.payloads import Update
from sandbox.world.facts import AccountEvent, Incoming

KEPT = 100
MOST_BYTES = 64 * 1024  # of a body; a batch of a thousand updates is longer


@dataclass
class Post:
    """One post with all its tries `(when, what came of it)`; None stands for the 200 that ended them."""

    n: int
    updates: int
    summary: str
    body: bytes = b""
    tries: list[tuple[float, str | None]] = field(default_factory=list)

    @property
    def is_told(self) -> bool:
        """Whether the receiver took it."""
        return bool(self.tries) and self.tries[-1][1] is None

    def tried(self, body: bytes, refusal: str | None) -> None:
        """One more try."""
        self.body = body[:MOST_BYTES]
        self.tries.append((time.time(), refusal))

    def as_json(self) -> dict[str, Any]:
        """Everything about it; the body as the text that was posted."""
        tries = [{"at": round(at, 3), "refusal": refusal} for at, refusal in self.tries]
        return {
            "n": self.n,
            "updates": self.updates,
            "summary": self.summary,
            "told": self.is_told,
            "tries": tries,
            "body": self.body.decode(),
        }


class Posts:
    """A few posts, the oldest forgotten first."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._kept: deque[Post] = deque(maxlen=KEPT)

    def new(self, batch: list[Update]) -> Post:
        """Begin one for these updates."""
        post = Post(next(self._numbers), len(batch), _summary(batch))
        self._kept.append(post)
        return post

    def latest(self) -> Iterator[Post]:
        """Latest first."""
        return reversed(self._kept)

    def clear(self) -> None:
        """Forget them."""
        self._kept.clear()


def _summary(batch: list[Update]) -> str:
    """What a post tells, in words: `3 sent, 2 delivered, 1 text`."""
    kinds = Counter(_kind(update) for update in batch)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.items())


def _kind(update: Update) -> str:
    fact, step = update
    if isinstance(fact, AccountEvent):
        parts = [name for name in ("statuses", "user_actions") if name in fact.value]
        return "payment" if "statuses" in parts else parts[0] if parts else fact.field
    return str(fact.body["type"]) if isinstance(fact, Incoming) else fact.steps[step].partition(":")[0]

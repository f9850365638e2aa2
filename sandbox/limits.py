"""Meta's three brakes on sending: throughput of a number, pair rate, unique customers in 24 hours."""

import time
from collections import OrderedDict

DAY = 24 * 3600.0
PAIR_BURST = 45


class Throughput:
    """A number's messages per second, with one second of burst."""

    def __init__(self) -> None:
        self._tokens = 0.0
        self._filled_at = 0.0

    def admits(self, per_second: float) -> bool:
        """Take one message's worth; False when the number is over its rate. 0 is no limit."""
        if not per_second:
            return True
        now = time.monotonic()
        earned = (now - self._filled_at) * per_second
        self._tokens = min(max(per_second, 1.0), self._tokens + earned)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class PairRate:
    """One message per customer every few seconds; a burst is borrowed from the time that follows."""

    def __init__(self) -> None:
        self._paid_until: dict[str, float] = {}

    def admits(self, customer: str, seconds: float) -> bool:
        """Take one message to this customer; False when the pair is over its rate. 0 is no limit."""
        if not seconds:
            return True
        now = time.monotonic()
        paid_until = max(self._paid_until.get(customer, now), now)
        if paid_until - now > (PAIR_BURST - 1) * seconds:
            return False
        self._paid_until[customer] = paid_until + seconds
        return True


class UniqueCustomers:
    """Which customers were written to outside their 24-hour window during the last 24 hours."""

    def __init__(self) -> None:
        self._last_at: OrderedDict[str, float] = OrderedDict()  # oldest first

    def count(self, now: float) -> int:
        """How many there are."""
        while self._last_at and next(iter(self._last_at.values())) <= now - DAY:
            self._last_at.popitem(last=False)
        return len(self._last_at)

    def admits(self, customer: str, limit: int, now: float) -> bool:
        """Whether one more message to this customer stays within `limit`; 0 is no limit."""
        return not limit or self.count(now) < limit or customer in self._last_at

    def add(self, customer: str, at: float) -> None:
        """Remember a message that counts."""
        self._last_at[customer] = at
        self._last_at.move_to_end(customer)

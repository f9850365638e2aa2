"""Meta's brakes: throughput of a number, pair rate, unique customers in 24 hours, management calls an hour."""

import time
from collections import OrderedDict, deque

DAY, HOUR = 24 * 3600.0, 3600.0
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


class CallRates:
    """Calls of each kind during the last hour."""

    def __init__(self) -> None:
        self._at: dict[str, deque[float]] = {}

    def admits(self, kind: str, per_hour: int) -> bool:
        """Take one call; False when there were `per_hour` of its kind. 0 is no limit."""
        if not per_hour:
            return True
        made = self._recent(kind)
        if len(made) >= per_hour:
            return False
        made.append(time.monotonic())
        return True

    def percent(self, kind: str, per_hour: int) -> int:
        """How much of the hour's calls is used up."""
        return min(100, 100 * len(self._recent(kind)) // per_hour) if per_hour else 0

    def minutes_to_wait(self, kind: str, per_hour: int) -> int:
        """Minutes until one more call is allowed; 0 when it is."""
        made = self._recent(kind)
        if not per_hour or len(made) < per_hour:
            return 0
        return 1 + int((made[0] + HOUR - time.monotonic()) // 60)

    def _recent(self, kind: str) -> deque[float]:
        made = self._at.setdefault(kind, deque())
        while made and made[0] <= time.monotonic() - HOUR:
            made.popleft()
        return made

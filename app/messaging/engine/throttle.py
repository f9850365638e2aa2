"""The throttle: how fast. One pace per channel and per campaign, shared by all processes in Redis.

A pace is kept by remembering when what has left is paid for: whoever comes then takes a whole batch, and the next one
waits until that is paid too. What Meta calls too fast halves the channel's pace for everybody; it recovers by itself.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()

BATCH_SECONDS = 0.15  # a batch is as many messages as the pace allows in this time: fewer, larger claims
CREDIT_SECONDS = 0.05  # how late one may come without losing speed; more would be a burst
RECOVERY = 0.05  # of the full pace, gained back each second after a brake
SLOWEST = 1 / 32  # of the full pace, however often it was braked
BRAKE_SECONDS = 1.0  # refusals of one flight are one brake
KEPT_MS = 120_000  # longer than any recovery takes
LOCAL_SECONDS = 5.0  # before Redis is asked again
LOCAL_SHARE = 0.25  # of the pace, per process, while Redis cannot tell how many processes there are

# By Redis's own clock. `paid` is the moment when all that has left is paid for, `share` of the pace was left at `at`.
# Neither lies further ahead than one batch makes it: a clock set back, a pace raised must not mean a long wait.
_SHARE = f"""
local BATCH_SECONDS, CREDIT_SECONDS, KEPT_MS = {BATCH_SECONDS}, {CREDIT_SECONDS}, {KEPT_MS}
local RECOVERY, SLOWEST, BRAKE_SECONDS = {RECOVERY}, {SLOWEST}, {BRAKE_SECONDS}
local function share_of(key, now)
  local saved = redis.call('HMGET', key, 'share', 'at')
  if not saved[1] then return 1, 0 end
  local at = math.min(now, tonumber(saved[2]))
  return math.min(1, tonumber(saved[1]) + (now - at) * RECOVERY), at
end
local t = redis.call('TIME')
local now = t[1] + t[2] / 1000000
"""
_TAKE = f"""{_SHARE}
local taken, wait, rates, paid = tonumber(ARGV[1]), 0, {{}}, {{}}
for i, key in ipairs(KEYS) do
  rates[i] = tonumber(ARGV[i + 1]) * share_of(key, now)
  paid[i] = math.min(tonumber(redis.call('HGET', key, 'paid') or 0), now + math.max(1 / rates[i], BATCH_SECONDS))
  taken = math.min(taken, math.max(1, math.floor(rates[i] * BATCH_SECONDS)))
  wait = math.max(wait, paid[i] - now)
end
if wait > 0 then return {{0, math.ceil(wait * 1000000)}} end
for i, key in ipairs(KEYS) do
  local since = math.max(paid[i], now - CREDIT_SECONDS)
  redis.call('HSET', key, 'paid', string.format('%.6f', since + taken / rates[i]))
  redis.call('PEXPIRE', key, KEPT_MS)
end
return {{taken, 0}}
"""
_BRAKE = f"""{_SHARE}
local share, at = share_of(KEYS[1], now)
if now - at < BRAKE_SECONDS then return 0 end
redis.call('HSET', KEYS[1], 'share', math.max(SLOWEST, share / 2), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], KEPT_MS)
return 1
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """A speed: messages per second under a name that all processes share."""

    name: str
    per_second: float

    @property
    def key(self) -> str:
        return f"throttle:{self.name}"


@dataclass(slots=True)
class Throttle:
    """Hands out permissions to send now; the first of `paces` is the channel's, which a brake slows down.

    Without Redis each process goes on at a quarter of the slowest pace.
    """

    connection: Redis
    paces: Sequence[Pace]
    _paid: float = field(default=0.0, init=False)
    _share: float = field(default=1.0, init=False)
    _braked_at: float = field(default=-1e9, init=False)
    _local_until: float = field(default=0.0, init=False)

    def take(self, wanted: int) -> tuple[int, float]:
        """How many of `wanted` messages may leave now; when none may, the seconds until it is worth asking again."""
        if time.monotonic() >= self._local_until:
            try:
                keys, rates = [pace.key for pace in self.paces], [pace.per_second for pace in self.paces]
                taken, wait = self.connection.eval(_TAKE, len(keys), *keys, wanted, *rates)
                return int(taken), int(wait) / 1_000_000
            except RedisError as error:
                self._go_alone(error)
        return self._take_alone(wanted)

    def brake(self) -> None:
        """Meta says too fast, or cannot be reached: halve the channel's pace, for all processes."""
        now = time.monotonic()
        if now - self._braked_at < BRAKE_SECONDS:
            return
        self._share, self._braked_at = max(SLOWEST, self._share_now(now) / 2), now
        try:
            self.connection.eval(_BRAKE, 1, self.paces[0].key)
        except RedisError as error:
            self._go_alone(error)
        log.warning("throttle.braked", pace=self.paces[0].name)

    def _go_alone(self, error: RedisError) -> None:
        log.warning("throttle.redis_away", error=type(error).__name__)
        self._local_until = time.monotonic() + LOCAL_SECONDS

    def _share_now(self, now: float) -> float:
        return min(1.0, self._share + (now - self._braked_at) * RECOVERY)

    def _take_alone(self, wanted: int) -> tuple[int, float]:
        now = time.monotonic()
        if now < self._paid:
            return 0, self._paid - now
        rate = LOCAL_SHARE * self._share_now(now) * min(pace.per_second for pace in self.paces)
        taken = min(wanted, max(1, int(rate * BATCH_SECONDS)))
        self._paid = max(self._paid, now - CREDIT_SECONDS) + taken / rate
        return taken, 0.0

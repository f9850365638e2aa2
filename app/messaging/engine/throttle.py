"""The throttle: how fast. One token bucket per channel and per campaign, shared by all processes in Redis."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()

# Refill every bucket by Redis's own clock, take as many tokens as the poorest of them holds, at most `wanted`.
# A bucket holds a tenth of a second's worth, at least one token: no burst is worth a 130429.
_TAKE = """
local wanted = tonumber(ARGV[1])
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local taken, wait = wanted, 0
local levels = {}
for i, key in ipairs(KEYS) do
  local rate = tonumber(ARGV[i + 1])
  local size = math.max(1, rate / 10)
  local saved = redis.call('HMGET', key, 'level', 'at')
  local level = tonumber(saved[1]) or size
  local at = tonumber(saved[2]) or now
  level = math.min(size, level + math.max(0, now - at) * rate / 1000)
  levels[i] = level
  taken = math.min(taken, math.floor(level))
  if level < 1 then wait = math.max(wait, math.ceil((1 - level) * 1000 / rate)) end
end
for i, key in ipairs(KEYS) do
  redis.call('HSET', key, 'level', tostring(levels[i] - taken), 'at', tostring(now))
  redis.call('PEXPIRE', key, 120000)
end
return {taken, wait}
"""

LOCAL_SECONDS = 5  # before Redis is asked again
LOCAL_SHARE = 0.25  # of the rate, per process, while Redis cannot tell how many processes there are


@dataclass(frozen=True, slots=True)
class Bucket:
    """A speed: messages per second under a name that all processes share."""

    name: str
    per_second: float


@dataclass(slots=True)
class Throttle:
    """Hands out permissions to send now. Without Redis each process goes on at a quarter of the rate."""

    connection: Redis
    buckets: Sequence[Bucket]
    _local_level: float = field(default=1.0, init=False)
    _local_at: float = field(default_factory=time.monotonic, init=False)
    _local_until: float = field(default=0.0, init=False)

    def take(self, wanted: int) -> tuple[int, float]:
        """How many of `wanted` messages may leave now, and the seconds to wait when none may."""
        if time.monotonic() < self._local_until:
            return self._take_locally(wanted)
        try:
            keys = [f"throttle:{bucket.name}" for bucket in self.buckets]
            rates = [bucket.per_second for bucket in self.buckets]
            taken, wait = self.connection.eval(_TAKE, len(keys), *keys, wanted, *rates)
        except RedisError as error:
            log.warning("throttle.redis_away", error=type(error).__name__)
            self._local_until = time.monotonic() + LOCAL_SECONDS
            return self._take_locally(wanted)
        return int(taken), int(wait) / 1000

    def _take_locally(self, wanted: int) -> tuple[int, float]:
        rate = LOCAL_SHARE * min(bucket.per_second for bucket in self.buckets)
        now = time.monotonic()
        self._local_level = min(max(1.0, rate / 10), self._local_level + (now - self._local_at) * rate)
        self._local_at = now
        taken = min(wanted, int(self._local_level))
        self._local_level -= taken
        return taken, 0.0 if taken else (1 - self._local_level) / rate

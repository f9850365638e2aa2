"""Delivers updates to the subscribed webhook: batched, signed, retried like Meta on a shorter clock."""

import asyncio
import random
import time
from collections import deque

import aiohttp
import structlog

from sandbox.agenda import Agenda
from sandbox.settings import Settings
from sandbox.tuning import Tuning
from sandbox.webhooks.payloads import Update, body_of, signature
from sandbox.world.store import Store
from sandbox.world.world import World

log = structlog.get_logger("sandbox")

# Meta tries for seven days: at once, then less and less often. Here seven days pass in half an hour.
RETRY_GAPS = (0.2, 1.0, 3.0, 10.0, 30.0)
GIVE_UP_AFTER = 1800.0
POSTS_AT_ONCE = 16
PATIENCE = aiohttp.ClientTimeout(total=10)
LINGER = 0.02  # how long a post that is not full waits for company
SPREAD = 1.0  # how far shuffled and doubled updates stray, in seconds
QUIET = 5.0  # failures closer together than this share a log line


class Postman:
    """Takes updates and sees that each is told until the receiver answers 200."""

    def __init__(self, settings: Settings, tuning: Tuning, world: World, store: Store, agenda: Agenda) -> None:
        self._settings = settings
        self._tuning = tuning
        self._world = world
        self._store = store
        self._agenda = agenda
        self._waiting: deque[Update] = deque()
        self._bell = asyncio.Event()
        self._slots = asyncio.Semaphore(POSTS_AT_ONCE)
        self._posts: set[asyncio.Task[None]] = set()
        self._failures_unlogged = 0
        self._failure_logged_at = 0.0

    async def open(self) -> None:
        """Begin to post."""
        connector = aiohttp.TCPConnector(limit=POSTS_AT_ONCE)
        self._session = aiohttp.ClientSession(connector=connector, timeout=PATIENCE)
        self._round = asyncio.create_task(self._walk())

    def put(self, update: Update) -> None:
        """Tell this soon: after the tuned delay, perhaps twice, perhaps not in its turn."""
        habits = self._tuning.webhooks
        copies = 1 + (random.random() < habits.duplicate_rate)
        for copy in range(copies):
            stray = random.uniform(0, SPREAD) if copy or habits.shuffle else 0.0
            wait = habits.delay_ms / 1000 + stray
            if wait:
                self._agenda.at(time.time() + wait, self._queue, update)
            else:
                self._queue(update)

    def forget(self) -> None:
        """Drop everything that waits or is under way."""
        self._waiting.clear()
        for post in self._posts:
            post.cancel()

    async def close(self) -> None:
        """Stop posting; what was not told is told after the next start."""
        self._round.cancel()
        self.forget()
        await asyncio.gather(self._round, *self._posts, return_exceptions=True)
        await self._session.close()

    def _queue(self, update: Update) -> None:
        self._waiting.append(update)
        self._bell.set()

    async def _walk(self) -> None:
        while True:
            await self._bell.wait()
            await self._slots.acquire()  # first a free slot, then the batch: under load batches fill up
            if len(self._waiting) < self._tuning.webhooks.batch_size != 1:
                await asyncio.sleep(LINGER)
            self._start(self._batch(), tries=0, since=time.time())

    def _batch(self) -> list[Update]:
        size = min(self._tuning.webhooks.batch_size, len(self._waiting))
        batch = [self._waiting.popleft() for _ in range(size)]
        if not self._waiting:
            self._bell.clear()
        if self._tuning.webhooks.shuffle:
            random.shuffle(batch)
        return batch

    def _start(self, batch: list[Update], tries: int, since: float) -> None:
        post = asyncio.create_task(self._deliver(batch, tries, since))
        self._posts.add(post)
        post.add_done_callback(self._posts.discard)
        post.add_done_callback(lambda _: self._slots.release())

    async def _deliver(self, batch: list[Update], tries: int, since: float) -> None:
        if not batch:
            return
        if not self._world.subscribed:  # nobody listens: told to nobody, not kept for later
            self._store.settle(batch)
            return
        refusal = await self._post(body_of(batch, self._settings.account_id, self._world))
        if refusal is None:
            self._world.counts["webhooks_sent"] += 1
            self._store.settle(batch)
        else:
            self._world.counts["webhooks_refused"] += 1
            self._try_again(batch, tries, since, refusal)
        self._store.changed()

    async def _post(self, body: bytes) -> str | None:
        """None when the receiver answered 200, else why not."""
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            "X-Hub-Signature-256": signature(body, self._settings.app_secret),
        }
        try:
            url = self._tuning.webhooks.url
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                await answer.read()
                return None if answer.status == 200 else f"answered {answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as failure:
            return type(failure).__name__

    def _try_again(self, batch: list[Update], tries: int, since: float, refusal: str) -> None:
        self._log_failure(batch, tries, refusal)
        if time.time() - since > GIVE_UP_AFTER:
            self._world.counts["webhooks_given_up"] += 1
            self._store.settle(batch)
            return
        gap = RETRY_GAPS[min(tries, len(RETRY_GAPS) - 1)] * random.uniform(1.0, 1.2)
        self._agenda.at(time.time() + gap, self._retry, batch, tries + 1, since)

    def _retry(self, batch: list[Update], tries: int, since: float) -> None:
        self._posts.add(task := asyncio.create_task(self._retry_in_turn(batch, tries, since)))
        task.add_done_callback(self._posts.discard)

    async def _retry_in_turn(self, batch: list[Update], tries: int, since: float) -> None:
        async with self._slots:
            await self._deliver(batch, tries, since)

    def _log_failure(self, batch: list[Update], tries: int, refusal: str) -> None:
        self._failures_unlogged += 1
        if time.monotonic() - self._failure_logged_at < QUIET:
            return  # a receiver that is down would otherwise fill the log
        log.warning(
            "sandbox.webhook_failed",
            url=self._tuning.webhooks.url,
            reason=refusal,
            updates=len(batch),
            tries=tries + 1,
            failures=self._failures_unlogged,
        )
        self._failures_unlogged = 0
        self._failure_logged_at = time.monotonic()

"""Delivers updates to the subscribed webhook: batched, signed, retried like Meta on a shorter clock."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import structlog

from sandbox.agenda import Agenda
from sandbox.settings import Settings
from sandbox.tuning import Tuning
from sandbox.webhooks.payloads import Update, body_of, signature
from sandbox.webhooks.posts import Post, Posts
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


@dataclass(frozen=True)
class Parcel:
    """Updates that travel together until the receiver takes them."""

    updates: list[Update]
    post: Post
    since: float
    tries: int = 0


class Postman:
    """Takes updates and sees that each is told until the receiver answers 200."""

    def __init__(self, settings: Settings, tuning: Tuning, world: World, store: Store, agenda: Agenda) -> None:
        self._settings = settings
        self._tuning = tuning
        self._world = world
        self._store = store
        self._agenda = agenda
        self.posts = Posts()
        self._waiting: deque[Update] = deque()
        self._bell = asyncio.Event()
        self._slots = asyncio.Semaphore(POSTS_AT_ONCE)
        self._errands: set[asyncio.Task[None]] = set()
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
        self.posts.clear()
        for errand in self._errands:
            errand.cancel()

    async def close(self) -> None:
        """Stop posting; what was not told is told after the next start."""
        self._round.cancel()
        self.forget()
        await asyncio.gather(self._round, *self._errands, return_exceptions=True)
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
            self._start(self._batch())

    def _batch(self) -> list[Update]:
        size = min(self._tuning.webhooks.batch_size, len(self._waiting))
        batch = [self._waiting.popleft() for _ in range(size)]
        if not self._waiting:
            self._bell.clear()
        if self._tuning.webhooks.shuffle:
            random.shuffle(batch)
        return batch

    def _start(self, batch: list[Update]) -> None:
        if not batch:
            self._slots.release()
            return
        parcel = Parcel(batch, self.posts.new(batch), time.time())
        self._run(self._deliver(parcel)).add_done_callback(lambda _: self._slots.release())

    def _run(self, errand: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
        return task

    async def _deliver(self, parcel: Parcel) -> None:
        if not self._world.subscribed:  # nobody listens: told to nobody, not kept for later
            self._store.settle(parcel.updates)
            return
        rate = self._tuning.webhooks.failed_contacts_rate
        body = body_of(parcel.updates, self._settings.account_id, self._world, rate)
        refusal = await self._post(body)
        parcel.post.tried(body, refusal)
        if refusal is None:
            self._world.counts["webhooks_sent"] += 1
            self._store.settle(parcel.updates)
        else:
            self._world.counts["webhooks_refused"] += 1
            self._try_again(parcel, refusal)
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

    def _try_again(self, parcel: Parcel, refusal: str) -> None:
        self._log_failure(parcel, refusal)
        if time.time() - parcel.since > GIVE_UP_AFTER:
            self._world.counts["webhooks_given_up"] += 1
            self._store.settle(parcel.updates)
            return
        gap = RETRY_GAPS[min(parcel.tries, len(RETRY_GAPS) - 1)] * random.uniform(1.0, 1.2)
        self._agenda.at(time.time() + gap, self._retry, replace(parcel, tries=parcel.tries + 1))

    def _retry(self, parcel: Parcel) -> None:
        self._run(self._retry_in_turn(parcel))

    async def _retry_in_turn(self, parcel: Parcel) -> None:
        async with self._slots:
            await self._deliver(parcel)

    def _log_failure(self, parcel: Parcel, refusal: str) -> None:
        self._failures_unlogged += 1
        if time.monotonic() - self._failure_logged_at < QUIET:
            return  # a receiver that is down would otherwise fill the log
        log.warning(
            "sandbox.webhook_failed",
            url=self._tuning.webhooks.url,
            reason=refusal,
            updates=len(parcel.updates),
            tries=parcel.tries + 1,
            failures=self._failures_unlogged,
        )
        self._failures_unlogged = 0
        self._failure_logged_at = time.monotonic()

"""Brings Razorpay's events to their webhook: signed, perhaps twice, again until it answers 2xx."""

import asyncio
import hashlib
import hmac
import random
import time

import aiohttp
import structlog

from sandbox.agenda import Agenda
from sandbox.settings import Settings
from sandbox.tuning import Tuning
from sandbox.world.store import Store
from sandbox.world.world import World

log = structlog.get_logger("sandbox")

# Razorpay tries for 24 hours with growing gaps. Here the day passes in half an hour.
RETRY_GAPS = (0.5, 2.0, 8.0, 30.0)
GIVE_UP_AFTER = 1800.0
PATIENCE = aiohttp.ClientTimeout(total=5)


class Courier:
    """Takes events and sees that each is told; what is untold survives a restart."""

    def __init__(self, settings: Settings, tuning: Tuning, world: World, store: Store, agenda: Agenda) -> None:
        self._settings = settings
        self._tuning = tuning
        self._world = world
        self._store = store
        self._agenda = agenda
        self._errands: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Begin; with everything that is still owed."""
        self._session = aiohttp.ClientSession(timeout=PATIENCE)
        for event_id in self._world.payments.events:
            self._go(event_id, 0)

    def send(self, event_id: str, body: str) -> None:
        """Tell this event, after the tuned delay, perhaps twice."""
        habits = self._tuning.razorpay
        self._world.payments.events[event_id] = {"body": body, "since": time.time()}
        self._store.payments.changed()
        for _ in range(1 + (random.random() < habits.duplicate_rate)):
            self._agenda.at(time.time() + habits.delay_ms / 1000, self._go, event_id, 0, body)

    def forget(self) -> None:
        """Drop what is under way."""
        for errand in self._errands:
            errand.cancel()

    async def close(self) -> None:
        """Stop; what was not told is told after the next start."""
        self.forget()
        await asyncio.gather(*self._errands, return_exceptions=True)
        await self._session.close()

    def _go(self, event_id: str, tries: int, body: str | None = None) -> None:
        """Set out. A copy brings its body along, for the first may have settled the event meanwhile."""
        event = self._world.payments.events.get(event_id)
        text = body or (event or {}).get("body")
        if text is not None:
            errand = asyncio.create_task(self._deliver(event_id, text, tries))
            self._errands.add(errand)
            errand.add_done_callback(self._errands.discard)

    async def _deliver(self, event_id: str, body: str, tries: int) -> None:
        refusal = await self._post(event_id, body.encode())
        event = self._world.payments.events.get(event_id)
        if event is None:
            return  # told by its double, or forgotten
        if refusal is None or time.time() - event["since"] > GIVE_UP_AFTER:
            del self._world.payments.events[event_id]
            self._world.counts["razorpay_events_sent" if refusal is None else "razorpay_events_given_up"] += 1
            self._store.payments.changed()
            return
        log.warning("sandbox.razorpay_event_failed", event_id=event_id, reason=refusal, tries=tries + 1)
        gap = RETRY_GAPS[min(tries, len(RETRY_GAPS) - 1)] * random.uniform(1.0, 1.2)
        self._agenda.at(time.time() + gap, self._go, event_id, tries + 1)

    async def _post(self, event_id: str, body: bytes) -> str | None:
        """None when the receiver answered 2xx, else why not."""
        secret = self._settings.razorpay_webhook_secret.encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Razorpay-Webhook/v1",
            "X-Razorpay-Signature": hmac.new(secret, body, hashlib.sha256).hexdigest(),
            "x-razorpay-event-id": event_id,
        }
        try:
            url = self._tuning.razorpay.webhook_url
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                await answer.read()
                return None if answer.status // 100 == 2 else f"answered {answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as failure:
            return type(failure).__name__

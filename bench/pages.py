"""How pages answer while something else is at work: a process of its own opens the list of customers over and over."""

from __future__ import annotations

import secrets
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.synchronize import Event

from sqlalchemy import delete

from app import create_app
from app.auth import service
from app.auth.models import DeviceSession, Role, User
from app.extensions import db

EVERY = 0.25  # seconds


@dataclass(slots=True)
class Pages:
    """Seconds that each page took."""

    seconds: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        if len(self.seconds) < 2:
            return "no page was opened"
        slowest = statistics.quantiles(self.seconds, n=20)[-1]
        middle = statistics.median(self.seconds)
        return f"pages p50 {middle * 1000:.0f} ms, p95 {slowest * 1000:.0f} ms ({len(self.seconds)} opened)"


@contextmanager
def watched_pages(path: str = "/customers") -> Iterator[Pages]:
    """Open `path` every quarter of a second, signed in, as long as the block lasts."""
    spawning, pages = get_context("spawn"), Pages()
    answers, ready, done = spawning.SimpleQueue(), spawning.Event(), spawning.Event()
    watcher = spawning.Process(target=_watch, args=(path, answers, ready, done))
    watcher.start()
    ready.wait(60)
    try:
        yield pages
    finally:
        done.set()
        pages.seconds += answers.get()
        watcher.join()


def _watch(path: str, answers: object, ready: Event, done: Event) -> None:
    app = create_app()
    app.config["WTF_CSRF_ENABLED"] = False
    email, password = f"bench-{secrets.token_hex(4)}@example.com", secrets.token_urlsafe()
    with app.app_context():
        user = service.create_user(email, "Benchmark", Role.OWNER, password)
        db.session.commit()
        user_id = user.id
    client, seconds = app.test_client(), []
    client.post("/login", data={"email": email, "password": password})
    assert client.get(path).status_code == 200
    ready.set()
    while not done.wait(EVERY):
        began = time.perf_counter()
        assert client.get(path).status_code == 200
        seconds.append(time.perf_counter() - began)
    with app.app_context():
        db.session.execute(delete(DeviceSession).where(DeviceSession.user_id == user_id))
        db.session.execute(delete(User).where(User.id == user_id))
        db.session.commit()
    answers.put(seconds)  # type: ignore[attr-defined]

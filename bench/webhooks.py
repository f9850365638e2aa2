"""How many statuses a second come in and are digested, how late, and how that stands to a handler that stores nothing.

    python -m bench.webhooks [--posts 10000] [--steady 60] [--rates 240 1500] [--server gunicorn]

Brings its own PostgreSQL and Redis (or uses those of TEST_DATABASE_URL and TEST_REDIS_URL), makes a database of its
own, starts the web server as `bin/up` does and a worker for receipts, posts from this process, and removes all again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bin" / "lib"))

from child import Child  # noqa: E402
from ports import free_port  # noqa: E402
from programs import WEB_PROCESSES, WEB_THREADS  # noqa: E402
from servers import EmbeddedServers  # noqa: E402

from bench.databases import own_database  # noqa: E402
from bench.posting import Posted, post_all, request_bytes  # noqa: E402
from bench.watching import Watch  # noqa: E402

PATH = "/webhooks/whatsapp"
SECRET = "bench-app-secret"
CONNECTIONS = 32
WARM_UP = 1_000
WORDS = ("sent", "delivered", "read")
PATIENCE = 60.0
SERVERS = {
    "gunicorn": "-m gunicorn {app} --preload --worker-class gthread --workers {processes} --threads {threads} "
    "--log-level warning --no-control-socket --bind 127.0.0.1:{port}",
    "granian": "-m granian --interface wsgi --workers {processes} --blocking-threads {threads} --no-ws "
    "--log-level warning --host 127.0.0.1 --port {port} {app}",
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the webhook receiver.")
    parser.add_argument("--posts", type=int, default=10_000, help="posts of each run at full speed")
    parser.add_argument("--steady", type=float, default=60, help="seconds of each run at a steady rate")
    parser.add_argument("--rates", type=int, nargs="*", default=[240, 1500], help="statuses a second")
    parser.add_argument("--server", choices=SERVERS, default="gunicorn")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, house(Path(folder)) as bench:
        bench.server = arguments.server
        print(f"{arguments.server}, {WEB_PROCESSES} processes of {WEB_THREADS} threads, {CONNECTIONS} connections")
        compare_intake(bench, arguments.posts)
        measure_capacity(bench, arguments.posts)
        for rate in arguments.rates:
            measure_lag(bench, rate, int(rate * arguments.steady))


def compare_intake(bench: Bench, posts: int) -> None:
    """Bare, ours, ours, bare, with nobody digesting."""
    speeds: dict[str, list[float]] = {"bench.bare:app": [], "wsgi:app": []}
    for app in ("bench.bare:app", "wsgi:app", "wsgi:app", "bench.bare:app"):
        with bench.web(app) as port:
            speeds[app].append(post_statuses(bench, port, posts).per_second)
    bare, ours = (sum(found) / len(found) for found in speeds.values())
    print(f"  bare handler      {_numbers(speeds['bench.bare:app'])}  {bare:8,.0f}/s")
    print(f"  durable intake    {_numbers(speeds['wsgi:app'])}  {ours:8,.0f}/s  {ours / bare:.0%} of the bare handler")


def measure_capacity(bench: Bench, posts: int) -> None:
    """Everything at once: how many a second are received, and how many are through when the last one is."""
    bench.empty()
    with bench.web("wsgi:app") as port, bench.worker():
        bench.await_digestion()
        began = time.perf_counter()
        posted = post_statuses(bench, port, posts)
        bench.await_digestion()
        seconds = time.perf_counter() - began
    print(f"  received          {posted.per_second:8,.0f}/s while they are digested; {_delays(posted.delays)}")
    print(f"  fully digested    {posts / seconds:8,.0f}/s")


def measure_lag(bench: Bench, rate: int, posts: int) -> None:
    """From the moment a post is due until another connection sees its message's row changed."""
    bench.empty()
    with bench.web("wsgi:app") as port, bench.worker():
        post_statuses(bench, port, rate, rate=rate)  # a second to warm up
        bench.await_digestion()
        messages = bench.make_messages(posts)
        watch = Watch(bench.database_url, every=max(1, rate // 250))
        requests = [signed(status(message, "delivered")) for message in messages]
        with watch.watching():
            posted = post_all(port, requests, CONNECTIONS, rate, lambda number: watch.note(number, messages[number]))
            watch.finish()
    _insist(posted, posts)
    print(f"  {rate:>5,}/s, {posted.seconds:.0f} s      lag {_delays(watch.lags)}; answer {_delays(posted.delays)}")


def post_statuses(bench: Bench, port: int, posts: int, rate: float | None = None) -> Posted:
    """Three statuses for each message, none twice, shuffled."""
    messages = bench.make_messages(-(-posts // len(WORDS)))
    bodies = [status(message, word) for message in messages for word in WORDS][:posts]
    random.Random(posts).shuffle(bodies)
    posted = post_all(port, [signed(body) for body in bodies], CONNECTIONS, rate)
    _insist(posted, posts)
    return posted


def status(message: uuid.UUID, word: str) -> bytes:
    """A webhook with one status, as Meta makes it."""
    item = {
        "id": f"wamid.HBgMOTE5ODEyMzQ1Njc4FQIAERgS{message.hex.upper()}",
        "status": word,
        "timestamp": str(int(time.time())),
        "recipient_id": "919812345678",
        "recipient_user_id": "IN.13491208655302741918",
        "biz_opaque_callback_data": str(message),
        "pricing": {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": "100000000000001"},
        "contacts": [{"profile": {"name": "Asha"}, "wa_id": "919812345678", "user_id": "IN.13491208655302741918"}],
        "statuses": [item],
    }
    change = {"field": "messages", "value": value}
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "200000000000001", "changes": [change]}]}
    ).encode()


def signed(body: bytes) -> bytes:
    from app.meta import signature

    return request_bytes(PATH, body, signature.sign(SECRET, body))


class Bench:
    """The programs under measurement and the database they share."""

    server = "gunicorn"

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment, self._folder = environment, folder
        self.database_url = environment["DATABASE_URL"]

    @contextmanager
    def web(self, app: str) -> Iterator[int]:
        """The web server with that application; its port."""
        port = free_port()
        words = SERVERS[self.server].format(app=app, port=port, processes=WEB_PROCESSES, threads=WEB_THREADS)
        with self._running("web", *words.split()):
            _await_answer(port)
            post_all(port, [signed(status(uuid.uuid4(), "sent")) for _ in range(WARM_UP)], CONNECTIONS)
            yield port

    @contextmanager
    def worker(self) -> Iterator[None]:
        """A worker for what Meta reports."""
        with self._running("worker", "worker.py", "receipts"):
            time.sleep(3)
            yield

    def make_messages(self, number: int) -> list[uuid.UUID]:
        """So many messages that Meta has accepted; the ids it will echo."""
        insert = """INSERT INTO messages (public_id, channel_id, campaign_id, type, phone, state, rank)
            SELECT gen_random_uuid(), (SELECT min(id) FROM channels), NULL, 'template', '+919812345678', 'accepted', 0
            FROM generate_series(1, %s) RETURNING public_id"""
        with psycopg.connect(self.database_url) as connection:
            return [row[0] for row in connection.execute(insert, (number,))]

    def empty(self) -> None:
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute("TRUNCATE webhook_events, messages, stray_statuses CASCADE")
            connection.execute("VACUUM ANALYZE webhook_events, messages")

    def await_digestion(self) -> None:
        """Return when nothing waits any more."""
        query = "SELECT EXISTS (SELECT FROM webhook_events WHERE digested_at IS NULL)"
        deadline = time.monotonic() + PATIENCE
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            while connection.execute(query).fetchone() == (True,):
                if time.monotonic() > deadline:
                    raise SystemExit(f"Not digested after {PATIENCE:.0f} s.")
                time.sleep(0.02)

    @contextmanager
    def _running(self, name: str, *words: str) -> Iterator[None]:
        log = self._folder / f"{name}.log"
        child = Child(name, [sys.executable, *words], environment=self._environment, log=log)
        child.start()
        try:
            yield
        finally:
            child.stop(30)


@contextmanager
def house(folder: Path) -> Iterator[Bench]:
    """Servers, a database with a channel, and nothing left of it afterwards."""
    given = {"database_url": os.environ.get("TEST_DATABASE_URL", ""), "redis_url": os.environ.get("TEST_REDIS_URL", "")}
    with EmbeddedServers(folder, **given) as servers, own_database(servers.database_url) as database_url:
        environment = _environment(database_url, servers.redis_url, folder)
        _prepare(environment)
        yield Bench(environment | {"DATABASE_URL": database_url}, folder)
        redis.Redis.from_url(servers.redis_url).flushdb()


def _environment(database_url: str, redis_url: str, folder: Path) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_")}
    return plain | {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": "a-key-for-the-benchmark",
        "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "WHATSAPP_APP_SECRET": SECRET,
        "VAR_DIR": str(folder),
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }


def _prepare(environment: Mapping[str, str]) -> None:
    """Tables and a channel."""
    from flask_migrate import upgrade

    from app import create_app
    from app.channels.models import Channel
    from app.extensions import db

    with create_app(environment).app_context():
        upgrade()
        ids = {"phone_number_id": "100000000000001", "waba_id": "200000000000001"}
        db.session.add(Channel(name="Bench", token="bench", app_secret=SECRET, verify_token="bench", **ids))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


def _await_answer(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The web server does not answer.")


def _insist(posted: Posted, posts: int) -> None:
    if posted.statuses != {200: posts}:
        raise SystemExit(f"Not every post was taken: {dict(posted.statuses)}")


def _delays(delays: list[float]) -> str:
    ordered = sorted(delays)
    p50, p99 = (1000 * ordered[int(len(ordered) * share)] for share in (0.5, 0.99))
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {1000 * ordered[-1]:.0f} ms"


def _numbers(speeds: list[float]) -> str:
    return " ".join(f"{speed:8,.0f}" for speed in speeds)


if __name__ == "__main__":
    main()

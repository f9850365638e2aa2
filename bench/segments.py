"""How long a segment's count takes, alone and with five people, among a million customers with three million sales.

    python -m bench.segments [--customers 1000000] [--sales 3000000] [--messages 1000000] [--suppressed 0] [--rounds 5]
        [--only WORDS] [--explain FILE]

Brings its own PostgreSQL and Redis (or uses those of TEST_DATABASE_URL and TEST_REDIS_URL), makes a database of its
own, fills it, asks each question as the builder's live count does, and removes all again. `--suppressed` puts so many
customers on the suppression list; `--only` asks the questions alone in whose sentence these words are. With `--explain`
the plan of each, with its five people, goes into that file.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from cryptography.fernet import Fernet
from flask_migrate import upgrade
from sqlalchemy import text

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "bin" / "lib"))

from servers import EmbeddedServers  # noqa: E402

from app import create_app  # noqa: E402
from app.campaigns.models import Campaign  # noqa: E402
from app.channels.models import Channel  # noqa: E402
from app.customers.segments import people, reading, sentences  # noqa: E402
from app.customers.segments.conditions import Group  # noqa: E402
from app.customers.segments.ready import READY  # noqa: E402
from app.customers.service import suppression  # noqa: E402
from app.extensions import db  # noqa: E402
from bench.databases import own_database  # noqa: E402

C = dict[str, Any]
BALI: C = {"field": "saleDetails.destination", "operator": "contains", "value": "Bali"}
SPENT: C = {"field": "sales.total", "operator": "more_than", "value": 50000}
AGREED: C = {"field": "consent", "operator": "is", "value": "in"}
PUNE: C = {"field": "city", "operator": "is", "value": "Pune"}
VIP: C = {"field": "tags", "operator": "has", "value": "vip"}
NEVER: C = {"field": "sales.last_at", "operator": "is_not_set"}
UNREAD: C = {"field": "campaigns.read", "operator": "did_not", "value": "any", "since": "30 days"}
CAMPAIGN = str(UUID(int=3))  # a fifth of the messages are its
REPLIED: C = {"field": "campaigns.replied", "operator": "did", "value": [CAMPAIGN]}
IGNORED: C = {"field": "campaigns.read", "operator": "did_not", "value": [CAMPAIGN]}
GOT: C = {"field": "campaigns.got", "operator": "did", "value": [CAMPAIGN]}


def both(*conditions: C) -> C:
    return {"logic": "AND", "conditions": list(conditions)}


def either(*conditions: C) -> C:
    return {"logic": "OR", "conditions": list(conditions)}


QUESTIONS: tuple[C, ...] = (
    *(it.query for it in READY),
    both(BALI | {"since": "6 months"}, SPENT),
    both(PUNE, {"field": "attributes.Age", "operator": "at_least", "value": 40}),
    both(VIP, AGREED),
    both({"field": "name", "operator": "contains", "value": "sha 12"}),
    both(NEVER, AGREED),
    both(BALI | {"operator": "does_not_contain"}),
    both({"field": "sales.count", "operator": "at_least", "value": 5}),
    both(SPENT | {"operator": "at_most", "value": 1000}),
    both(SPENT | {"since": "6 months"}),
    both({"field": "campaigns.read", "operator": "did", "value": "any"}, UNREAD),
    both(REPLIED, SPENT),
    both(GOT, IGNORED),
    either(SPENT, VIP),
    either(UNREAD, NEVER),
    both(either(BALI, SPENT), either(PUNE, VIP), UNREAD) | {"not": True},
)

CUSTOMERS = """
INSERT INTO customers (public_id, phone, name, city, attributes, tags, marketing_opt_in, marketing_opt_in_at,
    marketing_opt_out_at, last_inbound_at, created_at)
SELECT gen_random_uuid(), '+91' || (9000000000 + n), 'Asha ' || n,
    (ARRAY['Pune','Goa','Jaipur','Kochi','Leh','Mumbai','Delhi','Chennai'])[1 + n % 8],
    jsonb_build_object('Age', 18 + n % 60, 'interest', (ARRAY['Bali','Goa','Leh','Kerala'])[1 + n % 4 + (n % 50) / 49]),
    CASE WHEN n % 20 = 0 THEN '{vip}' WHEN n % 3 = 0 THEN '{goa,family}' ELSE '{}' END::text[],
    n % 10 < 7, CASE WHEN n % 10 < 7 THEN now() - random() * interval '700 days' END,
    CASE WHEN n % 10 = 8 THEN now() - random() * interval '300 days' END,
    CASE WHEN n % 4 = 0 THEN now() - random() * interval '400 days' END, now() - random() * interval '900 days'
FROM generate_series(1, :number) n"""
# A quarter of the customers buys nothing; of the others a few buy much.
SALES = """
INSERT INTO sales (public_id, customer_id, amount, currency, category, product, sold_at, starts_on, source)
SELECT gen_random_uuid(), 1 + floor(power(random(), 1.5) * 0.75 * :customers)::bigint,
    round((500 + 60000 * power(random(), 4))::numeric, 2), CASE WHEN n % 50 = 0 THEN 'USD' ELSE 'INR' END,
    (ARRAY['Bali','Goa','Leh','Kerala','Dubai','Phuket','Jaipur','Sikkim','Ooty','Andaman','Paris','Singapore','Hampi',
        'Munnar','Coorg','Rishikesh','Manali','Shimla','Ooty','Udaipur'])[1 + floor(power(random(), 0.7) * 20)::int],
    'Package ' || n % 500, moment, moment::date + (random() * 90)::int, 'api'
FROM (SELECT n, now() - random() * interval '1000 days' AS moment FROM generate_series(1, :number) n OFFSET 0) made"""
MESSAGES = """
INSERT INTO messages (public_id, channel_id, campaign_id, customer_id, type, phone, state, rank, sent_at, delivered_at,
    read_at, responded_at)
SELECT gen_random_uuid(), (SELECT min(id) FROM channels), 1 + n % 5, 1 + n % :customers, 'template', NULL, 'accepted',
    CASE WHEN n % 2 = 0 THEN 40 WHEN n % 3 = 0 THEN 20 ELSE 30 END, moment, moment,
    CASE WHEN n % 2 = 0 THEN moment END, CASE WHEN n % 14 = 0 THEN moment END
FROM (SELECT n, now() - random() * interval '200 days' AS moment FROM generate_series(1, :number) n OFFSET 0) made"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how fast segments are counted.")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--sales", type=int, default=3_000_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--suppressed", type=int, default=0)
    parser.add_argument("--only", default="", help="words of the questions' sentences")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is asked; the median is told")
    parser.add_argument("--explain", type=Path, help="a file for the plans")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, house(Path(folder)):
        fill(arguments.customers, arguments.sales, arguments.messages, arguments.suppressed)
        with arguments.explain.open("w") if arguments.explain else nullcontext() as plans:
            measure_all(arguments.rounds, arguments.only, plans)


def fill(customers: int, sales: int, messages: int, suppressed: int) -> None:
    """People, what they bought, what they were sent; statistics as autovacuum would have them."""
    began = time.perf_counter()
    add_campaigns()
    db.session.execute(text("SELECT setseed(0.5)"))
    db.session.execute(text(CUSTOMERS), {"number": customers})
    db.session.execute(text(SALES), {"number": sales, "customers": customers})
    db.session.execute(text(MESSAGES), {"number": messages, "customers": customers})
    listed = db.session.scalars(text("SELECT phone FROM customers ORDER BY random() LIMIT :n"), {"n": suppressed}).all()
    suppression.suppress(listed, suppression.BY_HAND)
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE customers, sales, sale_totals, messages, suppressions"))
    told = f"{customers:,} customers, {suppressed:,} of them suppressed, {sales:,} sales, {messages:,} messages"
    print(f"{told}, made in {time.perf_counter() - began:.0f} s")


def measure_all(rounds: int, only: str, plans: IO[str] | None) -> None:
    print(f"{'people':>9} {'count':>10} {'with five':>10}  question")
    for group in map(reading.parse, QUESTIONS):
        if only not in sentences.sentence(group):
            continue
        counting, number = timed(lambda group=group: people.count(group), rounds)
        looking, _ = timed(lambda group=group: people.look(group), rounds)
        print(f"{number:>9,} {counting:>7.0f} ms {looking:>7.0f} ms  {sentences.sentence(group)}", flush=True)
        if plans:
            plans.write(f"-- {sentences.sentence(group)}\n{plan(group)}\n\n")


def timed(ask: Callable[[], Any], rounds: int) -> tuple[float, Any]:
    """Milliseconds in the median, after one question to warm up, and the answer."""
    answer, times = ask(), []
    for _ in range(rounds):
        db.session.rollback()
        began = time.perf_counter()
        ask()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times), answer


def plan(group: Group) -> str:
    """How PostgreSQL goes about the count and the five."""
    statement = people.looking(group).compile(db.engine, compile_kwargs={"render_postcompile": True})
    explain = f"EXPLAIN (ANALYZE, BUFFERS) {statement}"
    with people.bounds():
        rows = db.session.connection().exec_driver_sql(explain, statement.construct_params())
        return "\n".join(row[0] for row in rows)


def add_campaigns() -> None:
    """A channel, and the campaigns from 1 to 5."""
    ids = {"phone_number_id": "100000000000001", "waba_id": "200000000000001"}
    channel = Channel(name="Bench", token="bench", app_secret="bench", verify_token="bench", **ids)
    db.session.add(channel)
    db.session.flush()
    for number in range(1, 6):
        db.session.add(Campaign(public_id=UUID(int=number), name=f"Offer {number}", channel_id=channel.id))
        db.session.flush()


@contextmanager
def house(folder: Path) -> Iterator[None]:
    """Servers, an application on a database of its own, and nothing left of it afterwards."""
    given = {"database_url": os.environ.get("TEST_DATABASE_URL", ""), "redis_url": os.environ.get("TEST_REDIS_URL", "")}
    with EmbeddedServers(folder, **given) as servers, own_database(servers.database_url) as database_url:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("WHATSAPP_")}
        keys = {"SECRET_KEY": "a-key-for-the-benchmark", "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode()}
        urls = {"DATABASE_URL": database_url, "REDIS_URL": servers.redis_url, "VAR_DIR": str(folder)}
        with create_app(plain | keys | urls).app_context():
            upgrade()
            yield
            db.session.remove()
            db.engine.dispose()


if __name__ == "__main__":
    main()

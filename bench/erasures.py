"""How long it takes until nothing is left of people who are erased, one and many.

    python -m bench.erasures [PEOPLE ...] [--customers 100000] [--messages 200000]

Brings its own PostgreSQL and Redis (or uses those of TEST_DATABASE_URL and TEST_REDIS_URL). Every message is one that
a customer wrote, with what Meta posted of it; each tenth names somebody else. Two times are told: until all that is
theirs is gone, fifty people a transaction, and until everything else was searched for them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from sqlalchemy import select, text

from app.customers.jobs.erasures import erase_on
from app.customers.models import Customer
from app.customers.privacy import erasure
from app.extensions import db
from bench.segments import add_campaigns, house

AT_ONCE = 50
CUSTOMERS = """
INSERT INTO customers (public_id, phone, name, email, city, attributes, created_at)
SELECT gen_random_uuid(), '+91' || (9100000000 + n), 'Asha' || n % 997 || ' Rao' || n, 'asha' || n || '@example.com',
    'Pune', jsonb_build_object('Age', 18 + n % 60, 'interest', 'Bali'), now() - interval '9 days'
FROM generate_series(1, :customers) n"""
MESSAGES = """
INSERT INTO messages (public_id, channel_id, customer_id, direction, type, phone, body, raw, wamid, state, created_at)
SELECT gen_random_uuid(), (SELECT min(id) FROM channels), who, 'in', 'text', '+' || number, words,
    jsonb_build_object('id', wamid, 'from', number, 'type', 'text', 'timestamp', '1790000000',
                       'text', jsonb_build_object('body', words)),
    wamid, 'accepted', now() - interval '2 days'
FROM (
    SELECT n, 1 + n % :customers AS who, '91' || (9100000001 + n % :customers) AS number,
        'wamid.' || encode(convert_to('ab91' || (9100000001 + n % :customers) || 'cd' || n, 'UTF8'), 'base64') AS wamid,
        CASE WHEN n % 10 = 0 THEN 'My friend has ' || (9100000001 + n * 7 % :customers) || ', please ask there, too.'
             ELSE 'When does the bus to Goa leave on Saturday, and is there room for two more of us?' END AS words
    FROM generate_series(1, :messages) n) made"""
EVENTS = """
INSERT INTO webhook_events (public_id, body, digest, kinds, digested_at, created_at)
SELECT gen_random_uuid(), said, sha256(said), '{messages.text}', now(), created_at
FROM messages CROSS JOIN LATERAL (SELECT convert_to(
    '{"object": "whatsapp_business_account", "entry": [{"id": "2000", "changes": [{"field": "messages", "value":
      {"messages": [' || CAST(raw AS text) || ']}}]}]}', 'UTF8') AS said) posted"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how long erasing people takes.")
    parser.add_argument("people", type=int, nargs="*", default=[1, 100, 1000])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=200_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, house(Path(folder)):
        _fill(asked.customers, asked.messages)
        for people in asked.people:
            print(f"{people:>6,} people: {_erase(people)}, load {os.getloadavg()[0]:.1f}", flush=True)


def _fill(customers: int, messages: int) -> None:
    add_campaigns()
    for statement in (CUSTOMERS, MESSAGES, EVENTS):
        db.session.execute(text(statement), {"customers": customers, "messages": messages})
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _erase(people: int) -> str:
    began = time.perf_counter()
    left = people
    while left:
        next_ = db.session.scalars(select(Customer).order_by(Customer.id).limit(min(left, AT_ONCE))).all()
        erasure.erase_many(next_, None)
        db.session.commit()
        left -= len(next_)
    theirs = time.perf_counter() - began
    while waiting := erasure.unfinished():
        erase_on(waiting[0])
    return f"theirs {theirs:.1f} s, the search {time.perf_counter() - began - theirs:.1f} s"


if __name__ == "__main__":
    main()

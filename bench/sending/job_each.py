"""The usual way, for comparison: one RQ job per message, in as many of RQ's simple workers as there are processes.

    python -m bench.sending.job_each work               serve the queue
    `enqueue(house, campaign_id, number)`               fill it

Each job marks its recipient, posts over a session that its process keeps, and writes the answer down: two statements
and two commits. It has no limit, no gate, no throttle, and a worker that dies sends twice or not at all. The simple
worker forks nothing; RQ's usual one would cost several times as much.
"""

from __future__ import annotations

import os
import sys
from functools import cache

import psycopg
import redis
import requests
from rq import Queue, SimpleWorker

from bench.sending.floor import PATH, body

NAME = "job_each"
_MARK = "UPDATE recipients SET state = 'handed' WHERE id = %s AND state = 'pending' RETURNING position"
_STORE = """INSERT INTO messages (public_id, channel_id, recipient_id, type, state, wamid, sent_at)
            VALUES (gen_random_uuid(), (SELECT min(id) FROM channels), %s, 'template', 'accepted', %s, now())"""


def send_one(recipient_id: int) -> None:
    """The job."""
    row = database().execute(_MARK, (recipient_id,)).fetchone()
    if row is None:
        return
    url = os.environ["META_GRAPH_URL"] + PATH
    answer = session().post(url, json=body(row[0]), timeout=(5, 30), allow_redirects=False)
    database().execute(_STORE, (recipient_id, answer.json()["messages"][0]["id"]))


def enqueue(database_url: str, redis_url: str, campaign_id: int, number: int) -> None:
    """A job for each of the campaign's first recipients."""
    queue = Queue(NAME, connection=redis.Redis.from_url(redis_url))
    with psycopg.connect(database_url) as connection:
        query = "SELECT id FROM recipients WHERE campaign_id = %s ORDER BY position LIMIT %s"
        ids = [row[0] for row in connection.execute(query, (campaign_id, number))]
    queue.enqueue_many([Queue.prepare_data(send_one, (one,), result_ttl=0, timeout=60) for one in ids])


@cache
def database() -> psycopg.Connection:
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


@cache
def session() -> requests.Session:
    made = requests.Session()
    made.trust_env = False
    made.headers["Authorization"] = "Bearer sandbox-token"
    return made


if __name__ == "__main__":
    connection = redis.Redis.from_url(os.environ["REDIS_URL"])
    # The job is found by this module's own name, not by __main__.
    sys.exit(
        not SimpleWorker([Queue(NAME, connection=connection)], connection=connection).work(logging_level="WARNING")
    )

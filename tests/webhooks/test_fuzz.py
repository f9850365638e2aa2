"""Spoiled posts, rightly signed: never a 5xx, never a stuck queue, and a good event after them is digested.

FUZZ_EXAMPLES=20000 spoils so many bodies instead of some hundred.
"""

from __future__ import annotations

import copy
import itertools
import json
import os
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.extensions import db, redis_connection
from app.messaging.models import Message, MessageState
from app.webhooks import jobs, queries
from app.webhooks.models import WebhookEvent
from tests import factories
from tests.webhooks.conftest import Post
from tests.webhooks.envelopes import CALLBACK, ENVELOPES

TOGETHER = 5  # spoiled bodies that are digested in one batch, so that neighbours are at stake
BODIES = int(os.environ.get("FUZZ_EXAMPLES", 300))
ODD: list[Any] = [
    *(None, True, False, 0, -1, 2**31, 2**63, -(2**63) - 1, 10**25, 1.5, -0.0, float("nan"), float("inf")),
    *("", " ", "\x00", "a\x00b", "\ud800", "\u202e", "0", "-1", "1e9", "99999999999999999999", "x" * 70_000),
    *("STOP", "stop", "delivered", "failed", "TIER_50", "2026-11-21T00:00:00Z", CALLBACK, "+91 98123 45678"),
    *([], {}, [[]], [None], [{}], {"": None}, {"id": {}}, ["x"] * 50),
]
numbers = itertools.count(1)
fuzzed = settings(
    max_examples=max(1, BODIES // TOGETHER),
    deadline=None,
    database=None,
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """A valid envelope with something wrong in its structure, and sometimes in its bytes, too."""
    envelope = copy.deepcopy(draw(st.sampled_from(ENVELOPES)))
    for _ in range(draw(st.integers(1, 4))):
        envelope = _with_a_fault(draw, envelope)
    body = json.dumps(envelope, ensure_ascii=draw(st.booleans())).encode(errors="surrogatepass")
    return _with_wrong_bytes(draw, body) if draw(st.integers(0, 4)) == 0 else body


def _with_a_fault(draw: st.DrawFn, envelope: Any) -> Any:
    places = list(_places(envelope))
    if not places:
        return draw(st.sampled_from(ODD))
    holder, key = draw(st.sampled_from(places))
    fault = draw(st.sampled_from(["replace", "remove", "list", "double", "rename", "move", "any"]))
    if fault == "remove":
        del holder[key]
    elif fault == "double" and isinstance(holder, list):
        holder *= draw(st.sampled_from([2, 30]))
    elif fault == "rename" and isinstance(holder, dict):
        holder[draw(st.sampled_from(["id", "type", "value", "messages", "statuses", "", "\x00"]))] = holder.pop(key)
    elif fault == "list":
        holder[key] = [holder[key]]
    elif fault == "move":
        other, name = draw(st.sampled_from(places))
        holder[key] = copy.deepcopy(other[name]) if name in other or isinstance(other, list) else None
    else:
        holder[key] = draw(_anything if fault == "any" else st.sampled_from(ODD).map(copy.deepcopy))
    return envelope


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=8), parts, max_size=3),
    max_leaves=6,
)


def _places(value: Any) -> Any:
    """Every part of the envelope as (holder, key)."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in list(parts):
        yield value, key
        yield from _places(part)


def _with_wrong_bytes(draw: st.DrawFn, body: bytes) -> bytes:
    begin = draw(st.integers(0, len(body)))
    end = draw(st.integers(begin, min(len(body), begin + 40)))
    return body[:begin] + draw(st.binary(max_size=8)) + body[end:]


@pytest.fixture
def message(app: Flask) -> Message:
    template = factories.make_template(meta_id="5000001")
    message = Message(
        public_id=CALLBACK,
        channel_id=template.channel_id,
        type="template",
        state=MessageState.ACCEPTED,
        wamid="wamid.ours",
    )
    db.session.add(message)
    db.session.commit()
    return message


@pytest.mark.slow
@fuzzed
@given(bodies=st.lists(spoiled(), min_size=TOGETHER, max_size=TOGETHER))
def test_no_post_breaks_or_holds_up_anything(app: Flask, post: Post, message: Message, bodies: list[bytes]) -> None:
    before = newest()
    assert {post(body).status_code for body in bodies} <= {200, 400}
    digest_everything()
    assert not queries.has_undigested(), bodies
    assert post(good()).status_code == 200
    digest_everything()
    event = db.session.query(WebhookEvent).order_by(WebhookEvent.id.desc()).first()
    assert event is not None
    assert (event.id > before, event.kinds, event.error) == (True, ["messages.statuses"], None)
    assert event.digested_at is not None
    redis_connection().flushdb()  # rings for what customers wrote pile up


def good() -> bytes:
    status = {"id": "wamid.ours", "status": "delivered", "timestamp": str(1_790_000_000 + next(numbers))}
    change = {"field": "messages", "value": {"statuses": [status | {"recipient_id": "919812345678"}]}}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "2", "changes": [change]}]}).encode()


def newest() -> int:
    db.session.rollback()
    return db.session.query(db.func.max(WebhookEvent.id)).scalar() or 0


def digest_everything() -> None:
    """What the job does, without its waiting."""
    for _ in range(20):
        if not jobs._digest_batch():
            break
    db.session.rollback()

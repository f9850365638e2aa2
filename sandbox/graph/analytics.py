"""What Meta counts: figures of templates by day, and what was charged."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sandbox.errors import GraphError
from sandbox.graph.call import Call
from sandbox.graph.lists import any_of, number_of
from sandbox.limits import DAY
from sandbox.stage import Stage
from sandbox.world.facts import Outgoing
from sandbox.world.message_template import Template

METRICS = ("sent", "delivered", "read", "clicked", "cost")
MOST_TEMPLATES = 10
LOOK_BACK = 90 * DAY
NOT_ENABLED = 200005
# Rupees for a delivered message to India, by pricing category.
RATES = {"marketing": 0.8631, "marketing_lite": 0.8631, "utility": 0.115, "authentication": 0.115, "service": 0.115}
_CLAUSE = re.compile(r"\.?(\w+)\(([^)]*)\)")


async def templates(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{account id}/template_analytics: figures a day of up to ten templates."""
    given = call.params
    if not stage.world.has_insights:
        raise GraphError(100, message="(#100) Template analytics are not enabled.", subcode=NOT_ENABLED)
    if str(given.get("granularity", "daily")).lower() != "daily":
        raise GraphError(100, message="(#100) Param granularity must be one of {DAILY}")
    ids = any_of(given.get("template_ids"))
    if not 1 <= len(ids) <= MOST_TEMPLATES:
        raise GraphError(100, message=f"(#100) Param template_ids must hold 1 to {MOST_TEMPLATES} ids")
    metrics = [metric.lower() for metric in any_of(given.get("metric_types"))] or list(METRICS)
    if unknown := set(metrics) - set(METRICS):
        raise GraphError(100, message=f"(#100) Param metric_types does not know {', '.join(sorted(unknown))}")
    start, end = (number_of(name, given.get(name, "")) for name in ("start", "end"))
    if start < time.time() - LOOK_BACK - DAY:
        raise GraphError(100, message="(#100) Param start must be at most 90 days ago")
    points = list(_points(stage, ids, metrics, start, end))
    group = {"granularity": "DAILY", "product_type": "cloud_api", "data_points": points}
    return {"data": [group], "paging": {"cursors": {"before": "MAZ", "after": "MAZ"}}}


def _points(stage: Stage, ids: list[str], metrics: list[str], start: int, end: int) -> Iterator[dict[str, Any]]:
    taps = _taps(stage)
    for template_id in ids:
        template = stage.world.templates.get(template_id)
        if template is None:
            raise GraphError(100, message=f"(#100) Template {template_id} does not exist")
        sent = [one for one in stage.world.outgoing if one.template == template.key]
        for day in range(start - start % int(DAY), end, int(DAY)):
            on_day = [one for one in sent if day <= one.accepted_at < day + DAY]
            yield _point(template, day, on_day, taps, metrics)


def _point(
    template: Template, day: int, sent: list[Outgoing], taps: dict[str, Counter[str]], metrics: list[str]
) -> dict[str, Any]:
    reached = Counter(status for one in sent for status in _reached(one))
    clicks = sum((taps.get(one.id, Counter()) for one in sent), Counter[str]())
    spent = round(sum(RATES.get(one.category, 0.0) for one in sent if "delivered" in _reached(one)), 4)
    figures: dict[str, Any] = {name: reached[name] for name in ("sent", "delivered", "read")}
    figures["clicked"] = [
        {"type": "quick_reply_button", "button_content": label, "count": count} for label, count in clicks.items()
    ]
    figures["cost"] = [{"type": "amount_spent", "value": spent}]
    point = {"template_id": template.id, "start": day, "end": day + int(DAY)}
    return point | {name: figures[name] for name in metrics}


def _reached(message: Outgoing) -> set[str]:
    """The statuses told so far; who read it got it."""
    reached = {one["status"] for one in message.statuses()}
    return reached | ({"delivered"} if "read" in reached else set())


def _taps(stage: Stage) -> dict[str, Counter[str]]:
    """Labels of tapped buttons by the message they stood under."""
    taps: dict[str, Counter[str]] = {}
    for message in stage.world.incoming.values():
        if message.body.get("type") == "button":
            answered = message.body.get("context", {}).get("id")
            taps.setdefault(answered, Counter())[str(message.body["button"].get("text"))] += 1
    return taps


def pricing_of(stage: Stage, asked: str) -> dict[str, Any]:
    """The `pricing_analytics` field: `.start(u).end(u).granularity(DAILY).dimensions([…])`."""
    clauses = dict(_CLAUSE.findall(asked))
    start, end = (number_of(name, clauses.get(name, "")) for name in ("start", "end"))
    dimensions = re.findall(r"[A-Z_]+", clauses.get("dimensions", ""))
    span = int(DAY) if clauses.get("granularity", "DAILY") == "DAILY" else end - start
    volumes: Counter[tuple[int, str, str, str]] = Counter()
    for message in stage.world.outgoing:
        if start <= message.accepted_at < end and "delivered" in _reached(message):
            day = start + int(message.accepted_at - start) // max(span, 1) * span
            volumes[day, message.pricing_type, message.category, message.channel_id] += 1
    points = [_charged(key, volume, dimensions, span) for key, volume in sorted(volumes.items())]
    return {"data": [{"data_points": points}]}


def _charged(key: tuple[int, str, str, str], volume: int, dimensions: list[str], span: int) -> dict[str, Any]:
    day, kind, category, channel_id = key
    facts = {
        "PRICING_TYPE": ("pricing_type", kind.upper()),
        "PRICING_CATEGORY": ("pricing_category", category.upper()),
        "COUNTRY": ("country", "IN"),
        "PHONE": ("phone_number", channel_id),
    }
    cost = round(volume * RATES.get(category, 0.0), 4) if kind == "regular" else 0
    named = dict(facts[name] for name in dimensions if name in facts)
    return {"start": day, "end": day + span, "volume": volume, "cost": cost} | named

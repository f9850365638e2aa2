"""Meta's own figures about message templates, day by day."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from app.meta.foreign import integer, items, moment, text
from app.meta.outcome import require_success
from app.meta.transport import Transport

MAX_TEMPLATES = 10  # of one question
METRICS = ("sent", "delivered", "read", "clicked", "cost")


@dataclass(frozen=True, slots=True)
class Clicks:
    """How often a button was tapped; `kind` is Meta's, such as url_button or quick_reply_button."""

    kind: str
    button: str | None
    count: int


@dataclass(frozen=True, slots=True)
class TemplateFigures:
    """One template's figures between two moments; `spent` is in the account's currency, None where Meta tells none."""

    template_id: str
    start: datetime | None
    end: datetime | None
    sent: int
    delivered: int
    read: int
    clicks: tuple[Clicks, ...]
    spent: Decimal | None


def enable_template_analytics(transport: Transport, waba_id: str) -> None:
    """Let Meta count for this account; it cannot be switched off again. Needed once, before the first reading."""
    require_success(transport.post_form(waba_id, {"is_enabled_for_insights": "true"}))


def read_template_analytics(
    transport: Transport, waba_id: str, template_ids: Sequence[str], start: datetime, end: datetime
) -> Iterator[TemplateFigures]:
    """The daily figures of these templates, at most 90 days back."""
    for first in range(0, len(template_ids), MAX_TEMPLATES):
        params: dict[str, str | int] = {
            "start": int(start.timestamp()),
            "end": int(end.timestamp()),
            "granularity": "daily",
            "metric_types": json.dumps(METRICS),
            "template_ids": json.dumps(template_ids[first : first + MAX_TEMPLATES]),
        }
        for group in transport.get_items(f"{waba_id}/template_analytics", params):
            yield from map(_figures, items(group.get("data_points")))


def _figures(point: Mapping[str, object]) -> TemplateFigures:
    return TemplateFigures(
        text(point.get("template_id")) or "",
        moment(point.get("start")),
        moment(point.get("end")),
        integer(point.get("sent")) or 0,
        integer(point.get("delivered")) or 0,
        integer(point.get("read")) or 0,
        tuple(_clicks(click) for click in items(point.get("clicked"))),
        _spent(point),
    )


def _clicks(click: Mapping[str, object]) -> Clicks:
    return Clicks(text(click.get("type")) or "", text(click.get("button_content")), integer(click.get("count")) or 0)


def _spent(point: Mapping[str, object]) -> Decimal | None:
    """What was spent in all; the other costs (per delivery, per click) follow from it."""
    for cost in items(point.get("cost")):
        if text(cost.get("type")) == "amount_spent":
            try:
                # A JSON number is a float here: only its shortest writing is the number that was meant.
                return Decimal(str(cost.get("value")))
            except InvalidOperation:
                return None
    return None

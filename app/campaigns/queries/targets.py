"""What a campaign's target asks of the customers: all, a tag, a segment, those picked, earlier responders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, and_, cast, func, true
from sqlalchemy.dialects.postgresql import ARRAY

from app.campaigns.models import TargetType
from app.customers.models import Customer
from app.customers.queries import answers
from app.customers.segments import compiling, reading
from app.customers.segments import queries as segment_queries
from app.customers.segments.conditions import Group
from app.shared.errors import Invalid, Missing

ANEW = frozenset({TargetType.ALL, TargetType.TAG, TargetType.SEGMENT, TargetType.RESPONDERS})
# What earlier recipients did, as a segment asks for it. Whom a message never reached did not leave it unread.
RESPONSES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "read": (("campaigns.read", "did"),),
    "replied": (("campaigns.replied", "did"),),
    "clicked": (("campaigns.clicked", "did"),),
    "not_read": (("campaigns.got", "did"), ("campaigns.read", "did_not")),
}
NOBODY = "Choose the recipients first."


def who(target: TargetType | None, query: Mapping[str, Any]) -> ColumnElement[bool]:
    """The condition on customers. Raises `Invalid` when it asks for nobody, or for what is no more."""
    if target in (TargetType.ALL, TargetType.TAG):
        return and_(answers.answered("in"), circle(target, query))
    return circle(target, query)


def circle(target: TargetType | None, query: Mapping[str, Any]) -> ColumnElement[bool]:
    """The condition, whatever they answered to marketing. Raises `Invalid` as `who`."""
    if target is TargetType.ALL:
        return true()
    if target is TargetType.TAG and query.get("tag"):
        return Customer.tags.contains([query["tag"]])
    if target is TargetType.MANUAL and query.get("customer_ids"):
        return Customer.id == func.any(cast(query["customer_ids"], ARRAY(BigInteger)))
    if target is TargetType.SEGMENT and query:
        return compiling.where(conditions(query))
    if target is TargetType.RESPONDERS and query:
        return compiling.where(responders(query.get("response"), query.get("campaigns")))
    raise Invalid(NOBODY, "recipients")


def conditions(query: Mapping[str, Any]) -> Group:
    """What the segment asks for: a kept one as it is now, or conditions of the campaign's own. Raises `Invalid`."""
    if "query" in query:
        return reading.parse(query["query"], "segment_query")
    name = query.get("name", "")
    try:
        return segment_queries.conditions(segment_queries.by_public_id(UUID(query["segment"])))
    except Missing as error:
        raise Invalid(f"The segment “{name}” is gone; choose other recipients.", "segment") from error
    except Invalid as error:
        raise Invalid(f"The segment “{name}” must be mended first: {error}", "segment") from error


def responders(response: object, campaigns: object) -> Group:
    """Whoever did that with one of these campaigns (public ids). Raises `Invalid`."""
    if not isinstance(response, str) or response not in RESPONSES:
        raise Invalid("Say what they did: " + ", ".join(RESPONSES) + ".", "response")
    if not campaigns:
        raise Invalid("Choose at least one campaign.", "campaigns")
    asks = [{"field": field, "operator": did, "value": campaigns} for field, did in RESPONSES[response]]
    try:
        group = reading.parse({"logic": "AND", "conditions": asks})
        reading.check_names(group)
    except Invalid as error:
        raise Invalid(str(error), "campaigns") from error
    return group


def digest(query: Mapping[str, Any]) -> str:
    """A name for what a segment asks now: the conditions themselves may name people who are erased later."""
    asked = json.dumps(conditions(query).as_json(), sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()

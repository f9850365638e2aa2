"""What customers and Meta post, written down shortly; and its way through our digestion."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import count
from typing import Any
from unittest.mock import patch

from app.extensions import db
from app.messaging.models import Message
from app.webhooks import jobs
from app.webhooks.inbox import the_inbox

NUMBER = "100000000000001"  # of the channel that the factories make
ASHA = "919800000001"
_wamids = count(1)

Json = dict[str, Any]


def value(**parts: Any) -> Json:
    """A value of the field `messages`."""
    return {"messaging_product": "whatsapp", "metadata": {"phone_number_id": NUMBER}} | parts


def body(*values: Json, field: str = "messages") -> bytes:
    """An envelope with these values."""
    changes = [{"field": field, "value": it} for it in values]
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "2", "changes": changes}]}).encode()


def at(moment: datetime) -> str:
    """A time as Meta writes it: whole seconds, as a text."""
    return str(int(moment.timestamp()))


def whole(moment: datetime) -> datetime:
    """The same time as it comes back from Meta."""
    return datetime.fromtimestamp(int(moment.timestamp()), UTC)


def inbound(kind: str = "text", when: datetime | None = None, sender: str | None = ASHA, **parts: Any) -> Json:
    """An item of `messages`; a text says "Namaste" unless told otherwise."""
    item: Json = {
        "id": f"wamid.in.{next(_wamids)}",
        "from": sender,
        "timestamp": at(when or datetime.now(UTC)),
        "type": kind,
    }
    if kind == "text":
        item["text"] = {"body": parts.pop("words", "Namaste")}
    return {name: part for name, part in (item | parts).items() if part is not None}


def tap(words: str, when: datetime | None = None, payload: str | None = None, **parts: Any) -> Json:
    """A tap on a template's quick reply."""
    return inbound("button", when, button={"text": words, "payload": payload or words}, **parts)


def wrote(*items: Json, name: str | None = None) -> bytes:
    """An envelope with these messages of customers; `name` is the profile of them all."""
    profile = {"profile": {"name": name}}
    contacts = [{"wa_id": item.get("from"), "user_id": item.get("from_user_id")} | profile for item in items]
    return body(value(messages=list(items), contacts=contacts if name else []))


def status(message: Message, word: str, when: datetime, **parts: Any) -> Json:
    """An item of `statuses` about a message of ours."""
    return {
        "id": message.wamid or f"wamid.out.{message.id}",
        "status": word,
        "timestamp": at(when),
        "recipient_id": (message.phone or "").removeprefix("+"),
        "biz_opaque_callback_data": str(message.public_id),
    } | parts


def preference(word: str, when: datetime, **who: Any) -> bytes:
    """An envelope with one choice made in WhatsApp's settings."""
    item = {"category": "marketing_messages", "value": word, "timestamp": int(when.timestamp()), "detail": "x"}
    return body(value(user_preferences=[item | (who or {"wa_id": ASHA})]), field="user_preferences")


def digest(*bodies: bytes) -> None:
    """Store these and digest them, as the worker does, without its wait for more."""
    for it in bodies:
        the_inbox().keep(it)
    with patch.object(jobs, "QUIET", 0.05):
        jobs.digest_events()
    db.session.expire_all()

"""A campaign's aftermath, made up by chance: what 300 messages get back, and how it ends."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from app.extensions import db
from app.messaging import pricing
from app.messaging.engine.sender import Outcome, Verdict
from app.messaging.models import Message, MessageState
from tests import factories
from tests.webhooks.digesting import Json, at, inbound, preference, tap, value, whole

NOON = whole(datetime.now(UTC)) - timedelta(hours=3)
MESSAGES, PEOPLE = 300, 170
REGULAR = {"pricing": {"type": "regular", "category": "marketing", "pricing_model": "PMP"}}
WORDS = ("Namaste", "STOP", "start", "How much?", "बंद करो")


@dataclass(frozen=True)
class Happening:
    """Something Meta tells: when, and as the value of which field."""

    when: datetime
    value: Json
    field: str = "messages"


@dataclass
class Story:
    """Made of one seed, so that it can be told twice."""

    seed: int
    chance: random.Random = field(init=False)
    outcomes: list[Outcome] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        for number in range(1, MESSAGES + 1):
            self._message(number)
        self.happenings.sort(key=lambda happening: happening.when)

    def begin(self) -> None:
        """The house as it stands when all messages have left and nothing has come back."""
        pricing.seed_default_rates()
        campaign = factories.make_campaign()
        for number in range(1, MESSAGES + 1):
            db.session.add(
                Message(
                    public_id=public_id(number),
                    channel_id=campaign.channel_id,
                    campaign_id=campaign.id,
                    type="template",
                    phone=f"+{phone(number)}",
                    state=MessageState.SENDING,
                    created_at=left_at(number),
                )
            )
        for number in range(1, PEOPLE, 3):  # the others are strangers, whom a list brought
            factories.make_customer(phone=f"+{phone(number)}", name=f"Asha {number}")
        db.session.commit()

    def _message(self, number: int) -> None:
        if number % 29 == 0:
            self.outcomes.append(Outcome(number, Verdict.REFUSED, code=131026, words="No."))
            return
        self.outcomes.append(Outcome(number, Verdict.ACCEPTED, wamid=wamid(number)))
        for second, word in enumerate(self.chance.choice(FATES)):
            self._tell(number, timedelta(seconds=second), statuses=[self._status(number, second, word)])
        for _ in range(self.chance.choice((0, 0, 1, 1, 2))):
            self._answer(number)

    def _status(self, number: int, second: int, word: str) -> Json:
        errors = {"errors": [{"code": 131049, "title": "Not delivered"}]} if word == "failed" else {}
        callback = {} if self.chance.random() < 0.3 else {"biz_opaque_callback_data": str(public_id(number))}
        return {
            "id": wamid(number),
            "status": word,
            "timestamp": at(left_at(number) + timedelta(seconds=second)),
            "recipient_id": phone(number),
            "recipient_user_id": user_id(number),
            **(REGULAR if word in ("sent", "delivered") else {}),
            **errors,
            **callback,
        }

    def _answer(self, number: int) -> None:
        after = timedelta(minutes=self.chance.randint(1, 50), seconds=number)
        when, sender = left_at(number) + after, {"sender": phone(number), "from_user_id": user_id(number)}
        kind = self.chance.choice(("reply", "reply", "tap", "named", "click", "choice", "reaction", "edit"))
        named = {"context": {"id": wamid(number)}}
        if kind == "click":
            click = {"action_type": "marketing_messages_link_click", "timestamp": at(when), "wa_id": phone(number)}
            click["user_id"] = user_id(number)
            self._tell(number, after, user_actions=[click])
        elif kind == "choice":
            word = self.chance.choice(("stop", "resume"))
            self.happenings.append(Happening(when, {"word": word, "number": number}, "user_preferences"))
        elif kind == "tap":
            self._say(tap(self.chance.choice(("Interested", "Stop")), when, **sender, **named), when)
        elif kind == "reaction":
            self._say(inbound("reaction", when, reaction={"message_id": wamid(number), "emoji": "👍"}, **sender), when)
        else:
            said = inbound(when=when, words=self.chance.choice(WORDS), **sender, **(named if kind == "named" else {}))
            self._say(said, when)
            if kind == "edit":
                corrected = {"original_message_id": said["id"], "message": {"type": "text", "text": {"body": "Sorry"}}}
                self._say(inbound("edit", when + timedelta(seconds=9), edit=corrected, **sender), when)

    def _say(self, item: Json, when: datetime) -> None:
        item["id"] = f"wamid.in.{self.seed}.{len(self.happenings)}"
        if item["type"] == "edit":
            item["edit"]["original_message_id"] = f"wamid.in.{self.seed}.{len(self.happenings) - 1}"
        self.happenings.append(Happening(when, value(messages=[item])))

    def _tell(self, number: int, after: timedelta, **parts: Any) -> None:
        self.happenings.append(Happening(left_at(number) + after, value(**parts)))


FATES = (
    ("sent",),
    ("sent", "delivered"),
    ("sent", "delivered", "read"),
    ("sent", "read"),
    ("sent", "failed"),
    ("failed",),
    ("sent", "failed", "delivered"),
    ("sent", "delivered", "failed"),
)


def in_order(story: Story) -> Iterator[bytes]:
    """Each happening once, alone, as it happened."""
    return (envelope([happening]) for happening in story.happenings)


def in_disorder(story: Story, chance: random.Random) -> Iterator[bytes]:
    """Each happening twice, shuffled, cut into random batches."""
    happenings = story.happenings * 2
    chance.shuffle(happenings)
    while happenings:
        cut = chance.randint(1, 12)
        yield envelope(happenings[:cut], chance.random())
        del happenings[:cut]


def envelope(happenings: list[Happening], salt: float = 0.0) -> bytes:
    """One post with all of these; the salt makes it another one than a post of the same."""
    entry = {"id": "2", "changes": [change for happening in happenings for change in _changes(happening)]}
    return json.dumps({"object": "whatsapp_business_account", "salt": salt, "entry": [entry]}).encode()


def _changes(happening: Happening) -> list[Json]:
    if happening.field == "messages":
        return [{"field": "messages", "value": happening.value}]
    number = happening.value["number"]
    chosen = preference(happening.value["word"], happening.when, wa_id=phone(number), user_id=user_id(number))
    changes: list[Json] = json.loads(chosen)["entry"][0]["changes"]
    return changes


def public_id(number: int) -> UUID:
    return UUID(int=number)


def wamid(number: int) -> str:
    return f"wamid.out.{number}"


def phone(number: int) -> str:
    """Some people got two messages."""
    return f"9198{number % PEOPLE:08d}"


def user_id(number: int) -> str:
    return f"IN.{number % PEOPLE}"


def left_at(number: int) -> datetime:
    return NOON + timedelta(seconds=number * 5, milliseconds=700)


def ending() -> dict[str, list[tuple[Any, ...]]]:
    """How it stands in the end, without what may differ: inner numbers, our own clock, the wording of confirmations."""
    return {name: [tuple(row) for row in db.session.execute(text(query))] for name, query in ENDINGS.items()}


ENDINGS = {
    "sent": """
        SELECT m.public_id, m.state, m.rank, m.wamid, m.sent_at, m.delivered_at, m.read_at, m.failed_at IS NULL,
               m.error_code, m.responded_at, m.clicked_at, m.opted_out_at, m.estimated_cost, m.pricing_type, c.phone
        FROM messages m LEFT JOIN customers c ON c.id = m.customer_id WHERE m.campaign_id IS NOT NULL
        ORDER BY m.public_id""",
    "received": """
        SELECT m.wamid, m.type, m.body, m.sent_at, m.payload::text, c.phone, a.wamid
        FROM messages m JOIN customers c ON c.id = m.customer_id LEFT JOIN messages a ON a.id = m.answers_id
        WHERE m.direction = 'in' ORDER BY m.wamid""",
    "customers": """
        SELECT phone, user_id, coalesce(name, ''), marketing_opt_in, marketing_opt_out_at, last_inbound_at
        FROM customers ORDER BY phone""",
    "consent": """
        SELECT c.phone, e.granted, e.at, e.source FROM consent_entries e JOIN customers c ON c.id = e.customer_id
        ORDER BY c.phone, e.at, e.source, e.granted""",
    "conversations": """
        SELECT c.phone, v.window_expires_at, v.last_message_at, v.unread
        FROM conversations v JOIN customers c ON c.id = v.customer_id ORDER BY c.phone""",
    "strays": "SELECT wamid, rank FROM stray_statuses ORDER BY wamid, rank",
    "undigested": "SELECT id FROM webhook_events WHERE digested_at IS NULL OR error IS NOT NULL",
}

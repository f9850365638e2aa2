"""A conversation as WhatsApp shows it: bubbles with their quotes, reactions, edits and ticks."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.acts.buying import link_behind
from sandbox.errors import TITLES
from sandbox.seen.messages import see
from sandbox.seen.parts import Bill, Seen
from sandbox.stage import Stage
from sandbox.world.facts import Incoming, Outgoing

Entry = Outgoing | Incoming


@dataclass
class Bubble:
    """One message on the screen. `is_mine`: the customer wrote it. `failure` says why it never arrived."""

    id: str
    seen: Seen
    is_mine: bool
    at: float
    kind: str
    quote: str = ""
    quotes_own: bool = False
    told: list[str] = field(default_factory=list)  # the statuses Meta gave the business
    failure: str = ""
    was_read: bool = False
    reactions: list[str] = field(default_factory=list)
    my_reaction: str = ""
    mark: str = ""  # edited, deleted, from an ad
    paid: str = ""  # what became of the bill
    is_marketing_click_told: bool = False

    @property
    def can_be_edited(self) -> bool:
        """Whether it is a text of the customer's own."""
        return self.is_mine and self.kind == "text" and self.mark != "deleted"


def bubbles_of(entries: list[Entry], shown: list[Entry], stage: Stage) -> list[Bubble]:
    """The bubbles of the entries shown; reactions, edits and deletions change the bubble they are about."""
    by_id = {entry.id: entry for entry in entries}
    changes, bubbles = _changes(entries, stage), []
    for entry in shown:
        if _kind(entry) in ("reaction", "edit", "revoke") and _target(entry, stage) in by_id:
            continue
        bubble = _bubble(entry, by_id, stage)
        _apply(bubble, changes.get(entry.id, ()), stage)
        bubbles.append(bubble)
    return bubbles


def last_line(entries: list[Entry], stage: Stage) -> tuple[str, float] | None:
    """The end of a conversation in one line, and when it was."""
    if not entries:
        return None
    entry = entries[-1]
    line = see(_payload(entry, stage), stage.world).line
    return ("You: " if isinstance(entry, Incoming) else "") + line, _at(entry)


def _bubble(entry: Entry, by_id: dict[str, Entry], stage: Stage) -> Bubble:
    payload = _payload(entry, stage)
    is_mine = isinstance(entry, Incoming)
    bubble = Bubble(entry.id, see(payload, stage.world), is_mine, _at(entry), _kind(entry))
    context = payload.get("context") or {}
    quoted = by_id.get(str(context.get("id") or context.get("message_id")))
    if quoted:
        bubble.quote = see(_payload(quoted, stage), stage.world).line or _kind(quoted)
        bubble.quotes_own = isinstance(quoted, Incoming)
    if isinstance(entry, Outgoing):
        _add_statuses(bubble, entry)
        bubble.is_marketing_click_told = entry.category == "marketing_lite"
    else:
        bubble.was_read = entry.was_read
        bubble.mark = "from an ad" if "referral" in payload else ""
    if bubble.seen.bill:
        bubble.paid = _paid(bubble.seen.bill, stage)
    return bubble


def _add_statuses(bubble: Bubble, message: Outgoing) -> None:
    statuses = message.statuses()
    bubble.told = [str(one["status"]) for one in statuses]
    codes = [one["code"] for one in statuses if "code" in one]
    if codes:
        title = TITLES.get(codes[0], (0, "failed"))[1].rstrip(".")
        bubble.failure = f"{codes[0]}: {title}"


def _paid(bill: Bill, stage: Stage) -> str:
    link = link_behind(bill.uri, stage) if bill.uri else None
    if link:
        return "" if link["status"] == "created" else str(link["status"]).replace("_", " ")
    return "paid" if bill.reference_id in stage.world.paid_orders else ""


def _changes(entries: list[Entry], stage: Stage) -> dict[str, list[Entry]]:
    """Reactions, edits and deletions by the message they are about, in the order they came."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if _kind(entry) in ("reaction", "edit", "revoke"):
            found[_target(entry, stage)].append(entry)
    return found


def _apply(bubble: Bubble, changes: Iterable[Entry], stage: Stage) -> None:
    emojis: dict[bool, str] = {}
    for change in changes:
        kind, content = _kind(change), _payload(change, stage).get(_kind(change)) or {}
        if kind == "reaction":
            emojis[isinstance(change, Incoming)] = str(content.get("emoji") or "")
        elif kind == "edit":
            bubble.seen, bubble.mark = see(content.get("message") or {}, stage.world), "edited"
        else:
            bubble.seen, bubble.mark = Seen(note="You deleted this message."), "deleted"
    bubble.my_reaction = emojis.get(True, "")
    bubble.reactions = [emoji for emoji in emojis.values() if emoji]


def _target(entry: Entry, stage: Stage) -> str:
    content = _payload(entry, stage).get(_kind(entry)) or {}
    return str(content.get("message_id") or content.get("original_message_id"))


def _payload(entry: Entry, stage: Stage) -> dict[str, Any]:
    return entry.body if isinstance(entry, Incoming) else stage.store.payload_of(entry)


def _kind(entry: Entry) -> str:
    return str(entry.body["type"]) if isinstance(entry, Incoming) else entry.kind


def _at(entry: Entry) -> float:
    return entry.at if isinstance(entry, Incoming) else entry.accepted_at

"""What a customer says to the business: words, files, reactions, taps."""

from typing import Any

from sandbox.inbound.content import MEDIA, UNREADABLE, complete, latest
from sandbox.inbound.writing import BadInbound, answering, found, write
from sandbox.seen.messages import see
from sandbox.seen.parts import Seen, Tappable
from sandbox.stage import Stage
from sandbox.world.facts import Customer, Incoming, Outgoing

ATTACHABLE = (*MEDIA, "voice", "location", "contacts", "unsupported")


def seen_by_customer(message: Outgoing, stage: Stage) -> Seen:
    """The message as its customer sees it."""
    return see(stage.store.payload_of(message), stage.world)


def reply(customer: Customer, given: dict[str, Any], stage: Stage) -> Incoming:
    """`{body, to?}`: write; `to` is the message quoted."""
    content = complete("text", str(given.get("body") or "").strip()[:4096], customer, stage)
    return write(customer, "text", content, _quoting(customer, given, stage), stage)


def opt_out(customer: Customer, given: dict[str, Any], stage: Stage) -> Incoming:
    """`{body?}`: write the word that ends it."""
    return reply(customer, {"body": given.get("body") or "STOP"}, stage)


def attach(customer: Customer, given: dict[str, Any], stage: Stage) -> Incoming:
    """`{kind, caption?, to?}`: send a sample file, a place, a contact card, or something nobody can read."""
    kind = str(given.get("kind") or "image")
    if kind not in ATTACHABLE:
        raise BadInbound(f"`kind` must be one of {', '.join(ATTACHABLE)}.")
    extras = _quoting(customer, given, stage)
    if kind == "unsupported":
        extras["errors"] = [UNREADABLE]
    content: dict[str, Any] = {"voice": True} if kind == "voice" else {}
    if given.get("caption") and kind in ("image", "video", "document"):
        content["caption"] = str(given["caption"])[:1024]
    kind = "audio" if kind == "voice" else kind
    return write(customer, kind, complete(kind, content, customer, stage), extras, stage)


def react(customer: Customer, given: dict[str, Any], stage: Stage) -> Incoming:
    """`{message?, emoji?}`: react to a message; without an emoji take the reaction back."""
    content = {"message_id": str(given.get("message") or ""), "emoji": str(given.get("emoji") or "")}
    return write(customer, "reaction", complete("reaction", content, customer, stage), {}, stage)


def tap(customer: Customer, given: dict[str, Any], stage: Stage) -> Incoming:
    """`{message?, title? | id? | place?, without_context?}`: tap a button or a row of a list."""
    message = message_named(customer, given)
    kind, content = _touched(message, given, stage)
    extras = {} if given.get("without_context") else answering(message, stage)
    return write(customer, kind, content, extras, stage)


def fill_form(customer: Customer, given: dict[str, Any], stage: Stage) -> Incoming:
    """`{message?, name?, response?}`: finish a flow; `response` is the JSON text it gives."""
    name, response = str(given.get("name") or "flow"), str(given.get("response") or "{}")
    answer = {"name": name, "body": "Sent", "response_json": response}
    message = message_named(customer, given)
    content = {"type": "nfm_reply", "nfm_reply": answer}
    return write(customer, "interactive", content, answering(message, stage), stage)


def edit(customer: Customer, given: dict[str, Any], stage: Stage) -> Incoming:
    """`{message?, body}`: put other words in place of an own message."""
    content = {"original_message_id": given.get("message"), "body": str(given.get("body") or "").strip()}
    return write(customer, "edit", complete("edit", content, customer, stage), {}, stage)


def revoke(customer: Customer, given: dict[str, Any], stage: Stage) -> Incoming:
    """`{message?}`: delete an own message for everyone."""
    content = complete("revoke", {"original_message_id": given.get("message")}, customer, stage)
    return write(customer, "revoke", content, {}, stage)


def message_named(customer: Customer, given: dict[str, Any]) -> Outgoing:
    """The message `{message?}` names, else the last one the customer got. Raises BadInbound."""
    if not given.get("message"):
        return latest(customer)
    message = found(customer, str(given["message"]))
    if not isinstance(message, Outgoing):
        raise BadInbound("`message` must be the id of a message this customer got.")
    return message


def _touched(message: Outgoing, given: dict[str, Any], stage: Stage) -> tuple[str, dict[str, Any]]:
    touchables = seen_by_customer(message, stage).touchables
    for place, one in enumerate(touchables):
        if one.answer and _is_meant(place, one, given):
            return one.answer
    titles = ", ".join(repr(one.title) for one in touchables if one.answer)
    raise BadInbound(f"The message has no such button; it has {titles}." if titles else "The message has no buttons.")


def _is_meant(place: int, one: Tappable, given: dict[str, Any]) -> bool:
    content = one.answer[1] if one.answer else {}
    answer = content.get(str(content.get("type")), content)
    wanted = {"place": str(place), "title": one.title, "id": answer.get("id") or answer.get("payload")}
    return all(str(given[name]) == wanted[name] for name in wanted if given.get(name) not in (None, ""))


def _quoting(customer: Customer, given: dict[str, Any], stage: Stage) -> dict[str, Any]:
    if not given.get("to"):
        return {}
    message = found(customer, str(given["to"]))
    if message is None:
        raise BadInbound("`to` must be the id of a message of this conversation.")
    return answering(message, stage)

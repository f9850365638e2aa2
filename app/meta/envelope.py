"""What all outgoing messages share: whom they go to, what they answer, and the data by which we know them again."""

from collections.abc import Mapping

MAX_CALLBACK_DATA = 512

Payload = dict[str, object]


class BadMessage(ValueError):
    """A message that Meta would refuse; the text is a sentence for people, `field` names what to change."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


def envelope(
    kind: str,
    content: object,
    to: str | None,
    callback_data: str,
    recipient: str | None = None,
    reply_to: str | None = None,
) -> Payload:
    """The body of a message to a phone (`to`, E.164) or a user id (`recipient`); raises BadMessage without either.

    `callback_data` comes back with the message's statuses; `reply_to` is the wamid of the message it answers.
    """
    if not to and not recipient:
        raise BadMessage("to", "A message needs a phone number or a user id to go to.")
    if not callback_data or len(callback_data) > MAX_CALLBACK_DATA:
        sentence = f"A message needs callback data of 1 to {MAX_CALLBACK_DATA} characters."
        raise BadMessage("callback_data", sentence)
    message: Payload = {"messaging_product": "whatsapp", "recipient_type": "individual"}
    if to:
        message["to"] = to
    if recipient:
        message["recipient"] = recipient
    if reply_to:
        message["context"] = {"message_id": reply_to}
    return message | {"type": kind, kind: content, "biz_opaque_callback_data": callback_data}


def words(field: str, what: str, value: str | None, limit: int) -> str:
    """The value, which must be there and no longer than the limit; raises BadMessage."""
    if not value or not value.strip():
        raise BadMessage(field, f"{what} is empty.")
    if len(value) > limit:
        raise BadMessage(field, f"{what} may have at most {limit:,} characters; it has {len(value):,}.")
    return value


def at_most(field: str, what: str, count: int, most: int) -> None:
    """Raises BadMessage unless there are 1 to `most` of them."""
    if not 1 <= count <= most:
        raise BadMessage(field, f"{what}: 1 to {most}, not {count}.")


def given(**fields: object) -> dict[str, object]:
    """The fields that have a value: Meta refuses empty ones."""
    return {name: value for name, value in fields.items() if value not in (None, "")}


def media(field: str, what: str, value: str, **more: object) -> Mapping[str, object]:
    """Meta's reference to a file: the id of an uploaded one, or an address it opens without a login."""
    if value.isascii() and value.isdigit():
        return {"id": value} | given(**more)
    if value.lower().startswith(("https://", "http://")):
        return {"link": value} | given(**more)
    raise BadMessage(field, f"{what} needs an https address or the id of a media file.")

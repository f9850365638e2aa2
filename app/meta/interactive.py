"""Messages to tap on: reply buttons, a list to choose from, a link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.meta.envelope import BadMessage, Payload, at_most, envelope, given, media, words

MAX_BODY, MAX_LIST_BODY = 1024, 4096
MAX_HEADER = MAX_FOOTER = 60
MAX_BUTTONS = 3
MAX_BUTTON_ID, MAX_BUTTON_TITLE = 256, 20
MAX_SECTIONS = MAX_ROWS = 10
MAX_ROW_ID, MAX_ROW_TITLE, MAX_ROW_DESCRIPTION = 200, 24, 72
MAX_SECTION_TITLE = 24
MAX_URL = 2000

Header = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ReplyButton:
    """A button; its `id` comes back when the customer taps it."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """One choice of a list; its `id` comes back when the customer chooses it."""

    id: str
    title: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Choices under a title; the title may be missing when the list has this one section only."""

    title: str | None
    rows: Sequence[Row]


def text_header(header: str) -> Header:
    """A line of text above the message."""
    return {"type": "text", "text": words("header", "The header", header, MAX_HEADER)}


def media_header(kind: str, file: str, *, filename: str | None = None) -> Header:
    """A file above the message; `kind` is image, video or document."""
    if kind not in ("image", "video", "document"):
        raise BadMessage("header", "The header is a text, an image, a video or a document.")
    return {"type": kind, kind: media("header", f"The header's {kind}", file, filename=filename)}


def buttons_message(
    to: str | None,
    body: str,
    buttons: Sequence[ReplyButton],
    callback_data: str,
    *,
    header: Header | None = None,
    footer: str | None = None,
    reply_to: str | None = None,
    recipient: str | None = None,
) -> Payload:
    """The body of a text with one to three buttons to reply with."""
    at_most("buttons", "Buttons under a message", len(buttons), MAX_BUTTONS)
    _require_different("buttons", "buttons", [button.id for button in buttons], [button.title for button in buttons])
    action = {"buttons": [{"type": "reply", "reply": _reply(button)} for button in buttons]}
    content = interactive("button", action, body, header, footer)
    return envelope("interactive", content, to, callback_data, recipient, reply_to)


def list_message(
    to: str | None,
    body: str,
    button: str,
    sections: Sequence[Section],
    callback_data: str,
    *,
    header: str | None = None,
    footer: str | None = None,
    reply_to: str | None = None,
    recipient: str | None = None,
) -> Payload:
    """The body of a text with a button that opens up to ten choices; the header can be a text only."""
    at_most("sections", "Sections of a list", len(sections), MAX_SECTIONS)
    rows = [row for section in sections for row in section.rows]
    at_most("rows", "Choices of a list", len(rows), MAX_ROWS)
    _require_different("rows", "choices", [row.id for row in rows])
    action = {
        "button": words("button", "The list's button", button, MAX_BUTTON_TITLE),
        "sections": [_section(section, is_only=len(sections) == 1) for section in sections],
    }
    above = text_header(header) if header else None
    content = interactive("list", action, body, above, footer, MAX_LIST_BODY)
    return envelope("interactive", content, to, callback_data, recipient, reply_to)


def link_message(
    to: str | None,
    body: str,
    label: str,
    url: str,
    callback_data: str,
    *,
    header: Header | None = None,
    footer: str | None = None,
    reply_to: str | None = None,
    recipient: str | None = None,
) -> Payload:
    """The body of a text with one button that opens an address (Meta's `cta_url`)."""
    if not url.lower().startswith(("https://", "http://")):
        raise BadMessage("url", "The address begins with https://.")
    parameters = {
        "display_text": words("label", "The button's label", label, MAX_BUTTON_TITLE),
        "url": words("url", "The address", url, MAX_URL),
    }
    content = interactive("cta_url", {"name": "cta_url", "parameters": parameters}, body, header, footer)
    return envelope("interactive", content, to, callback_data, recipient, reply_to)


def interactive(
    kind: str,
    action: Mapping[str, object],
    body: str | None,
    header: Header | None = None,
    footer: str | None = None,
    longest_body: int = MAX_BODY,
) -> dict[str, object]:
    """The part that all messages to tap on share; a `body` of None leaves the text out."""
    content: dict[str, object] = {"type": kind}
    if header:
        content["header"] = header
    if body is not None:
        content["body"] = {"text": words("body", "The text", body, longest_body)}
    if footer:
        content["footer"] = {"text": words("footer", "The footer", footer, MAX_FOOTER)}
    return content | {"action": action}


def _reply(button: ReplyButton) -> dict[str, object]:
    return {
        "id": words("buttons", "A button's id", button.id, MAX_BUTTON_ID),
        "title": words("buttons", "A button's label", button.title, MAX_BUTTON_TITLE),
    }


def _section(section: Section, *, is_only: bool) -> dict[str, object]:
    at_most("rows", "Choices of a section", len(section.rows), MAX_ROWS)
    rows = [_row(row) for row in section.rows]
    if is_only and not section.title:
        return {"rows": rows}
    return {"title": words("sections", "A section's title", section.title, MAX_SECTION_TITLE), "rows": rows}


def _row(row: Row) -> dict[str, object]:
    if row.description:
        words("rows", "A choice's description", row.description, MAX_ROW_DESCRIPTION)
    return given(
        id=words("rows", "A choice's id", row.id, MAX_ROW_ID),
        title=words("rows", "A choice's title", row.title, MAX_ROW_TITLE),
        description=row.description,
    )


def _require_different(field: str, what: str, *columns: Sequence[str]) -> None:
    """Two that are alike could not be told apart when one is tapped, and Meta refuses them."""
    if any(len(set(column)) < len(column) for column in columns):
        raise BadMessage(field, f"Two of the {what} are alike.")

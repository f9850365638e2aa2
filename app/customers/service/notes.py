"""What the team writes about customers. These verbs flush; the door commits."""

from __future__ import annotations

from app.auth.models import User
from app.customers.models import Customer, CustomerNote
from app.extensions import db
from app.shared.errors import Invalid, Refused

LONGEST = 5_000


def add(customer: Customer, body: str, by: User) -> CustomerNote:
    """A new note. Raises `Invalid` for one that is empty or too long."""
    note = CustomerNote(customer_id=customer.id, author_id=by.id, body=_words(body))
    db.session.add(note)
    db.session.flush()
    return note


def change(note: CustomerNote, body: str, by: User) -> None:
    """Let it say this. Raises `Refused` for another's note, `Invalid` for words that cannot be kept."""
    _check_author(note, by)
    note.body = _words(body)
    db.session.flush()


def delete(note: CustomerNote, by: User) -> None:
    """Take it away. Raises `Refused` for another's note."""
    _check_author(note, by)
    db.session.delete(note)
    db.session.flush()


def _check_author(note: CustomerNote, by: User) -> None:
    if note.author_id != by.id:
        raise Refused("Only whoever wrote a note may change it.")


def _words(body: str) -> str:
    words = body.replace("\x00", "").replace("\r\n", "\n").strip()
    if not words:
        raise Invalid("Write something first.", "body")
    if len(words) > LONGEST:
        raise Invalid(f"A note has at most {LONGEST:,} characters.", "body")
    return words

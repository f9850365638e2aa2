"""The audit log: who did what to what, written in the transaction that does it."""

from __future__ import annotations

from typing import Any

from flask import has_request_context, request
from flask_login import current_user

from app.auth.models import AuditEntry, User
from app.extensions import Row, db


def record(action: str, subject: Row | None = None, *, by: User | None = None, **details: Any) -> AuditEntry:
    """Append one entry (flushed, not committed). `by` is the person of this request unless given.

    `details` must be JSON, and never a secret or a message's text.
    """
    entry = AuditEntry(
        user_id=by.id if by else _present_user_id(),
        action=action,
        subject_kind=None if subject is None else type(subject).__name__,
        subject_id=None if subject is None else subject.id,
        ip=request.remote_addr if has_request_context() else None,
        details=details,
    )
    db.session.add(entry)
    db.session.flush()
    return entry


def _present_user_id() -> int | None:
    if has_request_context() and current_user and current_user.is_authenticated:
        user_id: int = current_user.id
        return user_id
    return None

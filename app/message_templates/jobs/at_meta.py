"""What the doors to Meta have in common: the template locked, its id there, the way back from Meta."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.extensions import db
from app.message_templates import service
from app.message_templates.models import MessageTemplate
from app.meta import templates as meta
from app.meta.errors import MetaFailure
from app.meta.transport import Transport
from app.shared import clock
from app.shared.errors import Refused


def read_back(template_id: int, transport: Transport, meta_id: str) -> None:
    """Take over what Meta now says of the template; where it cannot be read, the next sync does it."""
    at = clock.now()
    try:
        node = meta.read_template(transport, meta_id)
    except MetaFailure:
        return
    service.adopt(locked(template_id), node, at)
    db.session.commit()


def locked(template_id: int) -> MessageTemplate:
    return db.session.get_one(MessageTemplate, template_id, with_for_update=True, populate_existing=True)


def meta_id_of(template: MessageTemplate) -> str:
    if template.meta_id is None:
        raise Refused("Meta has not told us this template's id yet; press Sync now first.")
    return template.meta_id


@contextmanager
def closed(transport: Transport) -> Iterator[None]:
    try:
        yield
    finally:
        transport.close()

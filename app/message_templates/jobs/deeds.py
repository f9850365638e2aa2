"""Doors that delete a template at Meta, or ask for the end of its pause."""

from __future__ import annotations

import structlog

from app.channels.failures import sentence_of
from app.channels.queries import quick_transport_for
from app.extensions import db
from app.message_templates import submission
from app.message_templates.jobs import at_meta
from app.meta import templates as meta
from app.meta.errors import MetaFailure
from app.shared import clock

log = structlog.get_logger()


def delete(template_id: int, *, everywhere: bool) -> MetaFailure | None:
    """Delete at Meta, this language or all of the name's; what went wrong, None when it is gone."""
    template = at_meta.locked(template_id)
    channel, name, meta_id = template.channel, template.name, at_meta.meta_id_of(template)
    waba_id, transport = channel.waba_id, quick_transport_for(channel)
    db.session.commit()
    try:
        with at_meta.closed(transport):
            if everywhere:
                meta.delete_templates(transport, waba_id, name)
            else:
                meta.delete_template(transport, waba_id, name, meta_id)
    except MetaFailure as failure:
        log.warning("template.not_deleted", template=name, code=failure.code)
        return failure
    submission.deleted(at_meta.locked(template_id), clock.now(), everywhere=everywhere)
    db.session.commit()
    return None


def unpause(template_id: int) -> str | None:
    """Ask Meta to let a paused template be sent again; why not, None when it may."""
    template = at_meta.locked(template_id)
    meta_id, transport = at_meta.meta_id_of(template), quick_transport_for(template.channel)
    db.session.commit()
    with at_meta.closed(transport):
        try:
            reason = meta.unpause_template(transport, meta_id)
        except MetaFailure as failure:
            reason = sentence_of(failure)
        at_meta.read_back(template_id, transport, meta_id)
    return reason

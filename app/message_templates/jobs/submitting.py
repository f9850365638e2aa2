"""Doors that hand a template in for review, new or changed.

What was not clearly answered is never handed in again by itself: a reading tells what Meta has.
"""

from __future__ import annotations

from typing import Any

import structlog

from app.auth.models import User
from app.channels.queries import transport_for
from app.extensions import db
from app.message_templates import drafts, submission
from app.message_templates.jobs import at_meta, reading
from app.message_templates.jobs.samples_at_meta import Upload
from app.message_templates.models import MessageTemplate
from app.meta import templates as meta
from app.meta.errors import MetaFailure, OutcomeUnknown
from app.meta.transport import Transport
from app.shared import clock

log = structlog.get_logger()


def submit(template_id: int, by: User | None) -> MetaFailure | None:
    """Hand a draft in for review; what went wrong, None when Meta has it. Raises Refused for what is no draft.

    Unless Meta certainly does not have it, it stays unconfirmed, and the list is read at once to see.
    """
    template = at_meta.locked(template_id)
    definition, waba_id = drafts.definition_of(template), template.channel.waba_id
    upload, transport = Upload(template.channel, template.sample_key), transport_for(template.channel)
    submission.begin(template, by, clock.now())
    db.session.commit()
    try:
        with at_meta.closed(transport):
            answer = meta.create_template(transport, waba_id, upload.put_into(definition, transport))
    except MetaFailure as failure:
        log.warning("template.not_submitted", template_id=template_id, code=failure.code)
        if upload.is_done and isinstance(failure, OutcomeUnknown):
            return _look(template_id, failure)
        submission.refused(at_meta.locked(template_id))
        db.session.commit()
        return failure
    template = at_meta.locked(template_id)
    upload.remember(template.channel)
    submission.taken(template, answer)
    db.session.commit()
    log.info("template.submitted", template_id=template_id)
    return None


def edit(template_id: int, changes: dict[str, Any], sample_key: str | None, by: User | None) -> MetaFailure | None:
    """Hand in changes (components, category) to a template that Meta has; what went wrong, None when Meta took them.

    Raises Refused where Meta would not take an edit now.
    """
    template = at_meta.locked(template_id)
    submission.require_editable(template, clock.now())
    meta_id, channel = at_meta.meta_id_of(template), template.channel
    upload, transport = Upload(channel, sample_key), transport_for(channel)
    db.session.commit()
    with at_meta.closed(transport):
        failure = _hand_in(transport, meta_id, changes, upload)
        if failure is None:
            template = at_meta.locked(template_id)
            upload.remember(template.channel)
            submission.edited(template, changes, sample_key, by, clock.now())
            db.session.commit()
        at_meta.read_back(template_id, transport, meta_id)
    log.info("template.edited", template_id=template_id, code=failure.code if failure else None)
    return failure


def _hand_in(transport: Transport, meta_id: str, changes: dict[str, Any], upload: Upload) -> MetaFailure | None:
    try:
        meta.edit_template(transport, meta_id, upload.put_into(changes, transport))
    except MetaFailure as failure:
        return failure
    return None


def _look(template_id: int, failure: MetaFailure) -> MetaFailure | None:
    """Whether Meta has it after all."""
    template = db.session.get_one(MessageTemplate, template_id)
    reading.sync_templates_now(template.channel_id)
    db.session.refresh(template)
    return None if template.meta_id else failure

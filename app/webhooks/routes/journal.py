"""The journal's pages: what Meta posted, what came of it, and the replay."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import config
from app.auth import audit, workspace
from app.auth.access import can, needs
from app.extensions import db
from app.shared import clock, queues
from app.shared.errors import Refused
from app.webhooks import journal, masking, replay, tallies, touched, words
from app.webhooks.forms import JournalFilter
from app.webhooks.jobs import replay_events, ring_for_digestion
from app.webhooks.routes.blueprint import PATH, bp

FILTERS = ("kind", "only", "since", "until")
NOT_NOW = "Nothing can be replayed now: Redis cannot be reached. Try again in a moment."


@bp.context_processor
def _words() -> dict[str, object]:
    return {"words": words}


@bp.get("/webhooks")
@needs("webhooks.view")
def index() -> ResponseReturnValue:
    form = JournalFilter(request.args)
    form.validate()  # what it refuses counts for nothing below, and its words stand at the field
    asked = form.asked()
    may_replay = can("webhooks.replay") and bool(asked.words()) and not form.errors
    return render_template(
        "webhooks/index.html",
        form=form,
        asked=asked,
        page=journal.page(asked, request.args.get("before", type=int)),
        fitting=journal.count(asked, replay.MOST + 1) if may_replay else 0,
        most=replay.MOST,
        is_empty=journal.is_empty(),
        refused=tallies.refused_by_day(),
        address=f"{config.current().public_url}{PATH}",
        zone=workspace.zone().key,
    )


@bp.get("/webhooks/<uuid:public_id>")
@needs("webhooks.view")
def show(public_id: UUID) -> ResponseReturnValue:
    event = journal.event(public_id)
    return render_template(
        "webhooks/show.html",
        event=event,
        size=len(event.body),
        body=masking.legible(event.body),
        messages=touched.messages(event.body),
    )


@bp.post("/webhooks/<uuid:public_id>/replay")
@needs("webhooks.replay")
def replay_one(public_id: UUID) -> ResponseReturnValue:
    event = journal.event(public_id)
    replay.replay(event.id)
    audit.record("webhooks.replay", event)
    db.session.commit()
    ring_for_digestion()
    flash("The event is digested once more.", "success")
    return redirect(url_for(".show", public_id=public_id))


@bp.post("/webhooks/replay")
@needs("webhooks.replay")
def replay_many() -> ResponseReturnValue:
    form = JournalFilter(request.form)
    if not form.validate() or not (asked := form.asked()).words():
        raise Refused("Choose a kind, errors or a time first: not the whole journal is replayed at once.")
    number = journal.count(asked, replay.MOST + 1)
    if number > replay.MOST:
        raise Refused(f"More than {replay.MOST:,} events fit. Choose a shorter time.")
    audit.record("webhooks.replay", count=number, asked=asked.words())
    db.session.commit()
    if not queues.ring(queues.RECEIPTS, replay_events, asked.words(), clock.now().isoformat()):
        raise Refused(NOT_NOW)
    flash(f"{number:,} {'event is' if number == 1 else 'events are'} digested once more.", "success")
    return redirect(f"{url_for('.index')}?{urlencode({name: request.form.get(name, '') for name in FILTERS})}")

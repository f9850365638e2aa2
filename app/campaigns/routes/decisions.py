"""What a person decides where the machine must not: failures tried again, messages in doubt taken for sent or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.access import needs
from app.campaigns.models import Campaign
from app.campaigns.routes import door
from app.campaigns.routes.blueprint import bp
from app.campaigns.service import decisions
from app.extensions import db
from app.shared.errors import Refused

Verb = Callable[[Campaign, Sequence[int] | None], int]
LARGEST_ID = 2**63 - 1


@bp.post("/campaigns/<uuid:public_id>/retry")
@needs("campaigns.send")
def retry_failed(public_id: UUID) -> ResponseReturnValue:
    campaign = door.find_locked(public_id)
    return _done(campaign, "retry_failed", lambda: decisions.retry_failed(campaign), "will be tried again")


@bp.post("/campaigns/<uuid:public_id>/people/assume-sent")
@needs("campaigns.send")
def assume_sent(public_id: UUID) -> ResponseReturnValue:
    return _decide(public_id, "assume_sent", decisions.assume_sent, "counts as sent", "count as sent")


@bp.post("/campaigns/<uuid:public_id>/people/send-again")
@needs("campaigns.send")
def send_again(public_id: UUID) -> ResponseReturnValue:
    return _decide(public_id, "send_again", decisions.send_again, "is sent again", "are sent again")


def _decide(public_id: UUID, action: str, verb: Verb, one: str, many: str) -> ResponseReturnValue:
    """For one recipient, for those ticked, or for all who are undecided."""
    campaign, asked = door.find_locked(public_id), _asked_for()
    to = url_for("campaigns.show_people", public_id=public_id, status="unconfirmed")
    if person := request.form.get("person", type=_id):
        to = url_for("campaigns.show_person", public_id=public_id, recipient_id=person)
    if asked == []:
        db.session.rollback()
        flash("Tick somebody first.", "warning")
        return redirect(to)
    return _done(campaign, action, lambda: verb(campaign, asked), one, many, to)


def _done(
    campaign: Campaign, action: str, verb: Callable[[], int], one: str, many: str = "", to: str = ""
) -> ResponseReturnValue:
    """Do it, write it down, say how many it was for. Pressed twice, the second press reads why nothing was done."""
    to = to or door.page_of(campaign)
    try:
        number = verb()
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "warning")
        return redirect(to)
    flash(f"1 message {one}." if number == 1 else f"{number:,} messages {many or one}.", "success")
    return door.committed(campaign, f"campaign.{action}", to, number=number)


def _asked_for() -> Sequence[int] | None:
    """Ids of recipients; None for all."""
    if "all" in request.form:
        return None
    return request.form.getlist("recipient", type=_id) + request.form.getlist("person", type=_id)


def _id(value: str) -> int:
    """Raises ValueError for what no recipient's id can be."""
    number = int(value)
    if not 0 < number <= LARGEST_ID:
        raise ValueError(value)
    return number

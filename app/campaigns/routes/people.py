"""The people behind a campaign's numbers, as pages and as CSV; and one of them, with every attempt."""

from __future__ import annotations

from uuid import UUID

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from app.auth.access import needs
from app.campaigns import words
from app.campaigns.queries import attempts, figures, people, people_csv
from app.campaigns.routes import door
from app.campaigns.routes.blueprint import bp
from app.customers.models import Customer
from app.extensions import db
from app.messaging.models import Message
from app.shared import clock
from app.shared.pagination import page_of


@bp.get("/campaigns/<uuid:public_id>/people")
@needs("campaigns.view")
def show_people(public_id: UUID) -> ResponseReturnValue:
    campaign, asked = door.find(public_id), _asked()
    now = figures.of(campaign.id)
    page = page_of(people.behind(campaign, **asked), request.args.get("page", 1, type=int), scalars=False)
    return render_template(
        "campaigns/people.html",
        campaign=campaign,
        figures=now,
        page=page,
        asked=asked,
        reason=people.reason_words(asked["status"], asked["reason"]),
        undecided=people.undecided(campaign) if asked["status"] == "unconfirmed" and now.unconfirmed else 0,
        now=clock.now(),
        people=people,
        words=words,
    )


@bp.get("/campaigns/<uuid:public_id>/people.csv")
@needs("campaigns.view")
def download_people(public_id: UUID) -> ResponseReturnValue:
    campaign, asked = door.find(public_id), _asked()
    lines = people_csv.as_csv(people.behind(campaign, **asked))
    answer = Response(stream_with_context(lines), mimetype="text/csv")
    name = f"{campaign.name} - {words.PEOPLE[asked['status']].lower()}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@bp.get("/campaigns/<uuid:public_id>/people/<int(max=9223372036854775807):recipient_id>")
@needs("campaigns.view")
def show_person(public_id: UUID, recipient_id: int) -> ResponseReturnValue:
    campaign = door.find(public_id)
    recipient = attempts.recipient_of(campaign, recipient_id)
    message = db.session.get(Message, recipient.message_id) if recipient.message_id else None
    return render_template(
        "campaigns/person.html",
        campaign=campaign,
        recipient=recipient,
        customer=db.session.get(Customer, recipient.customer_id) if recipient.customer_id else None,
        message=message,
        attempts=attempts.attempts_of(recipient),
        result_of=attempts.result_of,
        now=clock.now(),
        people=people,
        words=words,
    )


def _asked() -> dict[str, str]:
    status = request.args.get("status", "total")
    return {
        "status": status if status in people.BEHIND else "total",
        "reason": request.args.get("reason", ""),
        "search": request.args.get("search", ""),
    }

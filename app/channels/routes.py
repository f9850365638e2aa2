"""The channel's page: what Meta says, how fast and which way we send, where Meta calls us. And the alerts' page."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app import config
from app.auth import audit
from app.auth.access import needs
from app.channels import alerts, changes, jobs, queries, service, words
from app.channels.forms import SpeedForm, WayForm
from app.channels.limits import messaging_limit
from app.channels.models import Channel
from app.extensions import db
from app.shared import clock
from app.shared.errors import Missing
from app.shared.pagination import page_of

bp = Blueprint("channels", __name__)

WEBHOOK_PATH = "/webhooks/whatsapp"
TRAIL = 8  # changes of the limit that the page shows


@bp.record_once
def hang_up_badge(state: BlueprintSetupState) -> None:
    """Let the menu count the alerts that nobody has put away."""
    state.app.extensions["badges"]["channels.alert_list"] = queries.unseen_count


@bp.get("/settings/channel")
@needs("channels.view")
def index() -> ResponseReturnValue:
    channel = queries.the_channel()
    if channel is None:
        return render_template("channels/none.html")
    return _page(channel, SpeedForm(obj=channel))


@bp.post("/settings/channel")
@needs("channels.write")
def update() -> ResponseReturnValue:
    channel, form = _channel(), SpeedForm()
    if not form.validate():
        return _page(channel, form), 422
    service.set_speed(channel, form.messages_per_second.data)
    audit.record("channel.update", channel, messages_per_second=channel.messages_per_second)
    db.session.commit()
    flash(f"Saved: at most {channel.messages_per_second} messages a second.", "success")
    return redirect(url_for("channels.index"))


@bp.post("/settings/channel/read")
@needs("channels.write")
def read() -> ResponseReturnValue:
    channel = _channel()
    jobs.refresh_channel_now(channel.id)
    if channel.read_error:
        flash(channel.read_error, "danger")
    else:
        flash("Read from Meta: this is what it says now.", "success")
    return redirect(url_for("channels.index"))


@bp.post("/settings/channel/way")
@needs("channels.write")
def choose_way() -> ResponseReturnValue:
    channel, form = _channel(), WayForm()
    service.use_marketing_service(channel, form.uses_marketing_service.data)
    audit.record("channel.update", channel, uses_marketing_service=channel.uses_marketing_service)
    db.session.commit()
    way = "through Meta's marketing service" if channel.uses_marketing_service else "the usual way"
    flash(f"Saved: marketing messages leave {way}.", "success")
    return redirect(url_for("channels.index"))


@bp.post("/settings/channel/lift")
@needs("channels.write")
def lift() -> ResponseReturnValue:
    channel = _channel()
    audit.record("channel.lift", channel, restriction=channel.restriction)
    service.lift_by_hand(channel, clock.now())
    db.session.commit()
    flash("The restriction is gone here; what it had stopped goes on.", "success")
    return redirect(url_for("channels.index"))


@bp.get("/alerts")
@needs("channels.view")
def alert_list() -> ResponseReturnValue:
    channel = queries.the_channel()
    if channel is None:
        return render_template("channels/none.html")
    is_open = request.args.get("show") != "all"
    page = page_of(queries.alerts_of(channel, is_open=is_open), request.args.get("page", 1, type=int))
    unseen = queries.unseen_count()
    return render_template("channels/alerts.html", page=page, is_open=is_open, unseen=unseen, words=words)


@bp.post("/alerts/<uuid:public_id>/put-away")
@needs("campaigns.send")
def put_away(public_id: UUID) -> ResponseReturnValue:
    alert = queries.alert_by_public_id(public_id)
    alerts.put_away([alert], current_user.id, clock.now())
    audit.record("alert.put_away", alert)
    db.session.commit()
    flash("Put away; it stays in the list until its reason is gone.", "success")
    return _back()


@bp.post("/alerts/put-away")
@needs("campaigns.send")
def put_all_away() -> ResponseReturnValue:
    unseen = queries.unseen_alerts(_channel())
    alerts.put_away(unseen, current_user.id, clock.now())
    audit.record("alert.put_all_away", count=len(unseen))
    db.session.commit()
    flash(f"{len(unseen)} {'alert' if len(unseen) == 1 else 'alerts'} put away.", "success")
    return _back()


def _back() -> ResponseReturnValue:
    """To the dashboard when it was pressed there, else to the list."""
    return redirect(url_for("operations.dashboard" if "from_dashboard" in request.args else "channels.alert_list"))


def _channel() -> Channel:
    channel = queries.the_channel()
    if channel is None:
        raise Missing("There is no channel yet.")
    return channel


def _page(channel: Channel, form: SpeedForm) -> str:
    settings = config.current()
    return render_template(
        "channels/index.html",
        channel=channel,
        form=form,
        way=WayForm(obj=channel),
        words=words,
        blocked=service.blocked(channel),
        limits=queries.trail(channel, changes.LIMIT, TRAIL),
        limit=messaging_limit(channel, settings.daily_limit),
        token_end=channel.token[-4:],
        webhook_url=settings.public_url + WEBHOOK_PATH,
        sandbox=settings.sandbox,
    )

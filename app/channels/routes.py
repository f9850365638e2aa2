"""The channel's page: what Meta says, how fast we send, where Meta calls us."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app import config
from app.auth import audit
from app.auth.access import needs
from app.channels import jobs, queries, service, words
from app.channels.forms import SpeedForm
from app.channels.limits import messaging_limit
from app.channels.models import Channel
from app.extensions import db
from app.shared.errors import Missing

bp = Blueprint("channels", __name__)

WEBHOOK_PATH = "/webhooks/whatsapp"


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
        words=words,
        limit=messaging_limit(channel, settings.daily_limit),
        token_end=channel.token[-4:],
        webhook_url=settings.public_url + WEBHOOK_PATH,
        sandbox=settings.sandbox,
    )

"""The page of the rules that hold for everything that is sent."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app import config
from app.auth import audit, workspace
from app.auth.access import needs
from app.campaigns.forms import SendingRulesForm
from app.campaigns.routes.blueprint import bp
from app.channels.limits import messaging_limit
from app.channels.queries import the_channel
from app.extensions import db


@bp.get("/settings/sending")
@needs("campaigns.view")
def sending_rules() -> ResponseReturnValue:
    return _page(SendingRulesForm.of(workspace.current()))


@bp.post("/settings/sending")
@needs("settings.write")
def set_sending_rules() -> ResponseReturnValue:
    form = SendingRulesForm()
    if not form.validate_on_submit():
        return _page(form), 422
    rules = form.rules()
    audit.record("workspace.sending_rules", workspace.set_sending_rules(**rules), **rules)
    db.session.commit()
    flash("Saved: these rules hold from the next message on.", "success")
    return redirect(url_for("campaigns.sending_rules"))


def _page(form: SendingRulesForm) -> str:
    channel = the_channel()
    limit = messaging_limit(channel, config.current().daily_limit).value if channel else None
    return render_template("campaigns/sending.html", form=form, limit=limit, rules=workspace.current())

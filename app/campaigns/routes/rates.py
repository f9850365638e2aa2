"""The page of message rates, on which cost estimates stand."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.auth import audit, workspace
from app.auth.access import needs
from app.campaigns.forms import RateForm
from app.campaigns.routes.blueprint import bp
from app.extensions import db
from app.messaging import pricing
from app.shared import clock


@bp.get("/settings/rates")
@needs("campaigns.view")
def rates() -> ResponseReturnValue:
    return _page(_form())


@bp.post("/settings/rates")
@needs("settings.write")
def set_rate() -> ResponseReturnValue:
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    facts = {name: getattr(form, name).data for name in ("market", "category", "currency", "amount", "effective_on")}
    pricing.set_rate(**facts)
    audit.record("rate.set", rate={name: str(value) for name, value in facts.items()})
    db.session.commit()
    flash("The rate is saved.", "success")
    return redirect(url_for("campaigns.rates"))


@bp.post("/settings/rates/<int:rate_id>/delete")
@needs("settings.write")
def forget_rate(rate_id: int) -> ResponseReturnValue:
    pricing.forget_rate(rate_id)
    audit.record("rate.delete", rate=rate_id)
    db.session.commit()
    flash("The rate is removed.", "success")
    return redirect(url_for("campaigns.rates"))


def _form() -> RateForm:
    return RateForm.new(workspace.current().currency, clock.now().astimezone(workspace.zone()).date())


def _page(form: RateForm) -> str:
    return render_template("campaigns/rates.html", form=form, rates=pricing.rates(), market_name=pricing.market_name)

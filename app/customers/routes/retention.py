"""For how long data of each kind is kept: the rules, what would go, and letting it go at once."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth import audit
from app.auth.access import needs
from app.customers.jobs.retention import keep_house
from app.customers.privacy import queries as privacy_queries
from app.customers.privacy import retention
from app.customers.privacy.forms import Keeping, keepings
from app.customers.privacy.retention import Rule
from app.customers.routes.blueprint import bp
from app.extensions import db
from app.shared import queues


@bp.get("/customers/retention")
@needs("customers.erase")
def retention_rules() -> str:
    return _page(keepings())


@bp.post("/customers/retention")
@needs("customers.erase")
def change_retention() -> ResponseReturnValue:
    lines = keepings(request.form)
    if any(line.error for line in lines):
        return _page(lines), 422
    for line in lines:
        if line.days != line.rule.days:
            retention.set_rule(line.rule.kind.name, line.days)
            audit.record("retention.set", kind=line.rule.kind.name, days=line.days)
    db.session.commit()
    flash("Saved. What is older goes within a day.", "success")
    return redirect(url_for("customers.retention_rules"))


@bp.post("/customers/retention/dry-run")
@needs("customers.erase")
def try_retention() -> ResponseReturnValue:
    lines = keepings(request.form)
    if any(line.error for line in lines):
        return _page(lines), 422
    for line in lines:
        line.number = Rule(line.rule.kind, line.days).count()
    return _page(lines)


@bp.post("/customers/retention/run")
@needs("customers.erase")
def run_retention() -> ResponseReturnValue:
    queues.ring(queues.SYNC, keep_house)
    flash("A worker takes away what is older than its rule.", "success")
    return redirect(url_for("customers.retention_rules"))


def _page(lines: list[Keeping]) -> str:
    labels = {line.rule.kind.name: line.rule.kind.label for line in lines}
    return render_template("customers/retention.html", lines=lines, labels=labels, last=privacy_queries.last_run())

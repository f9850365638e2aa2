"""The pages of the operations room: dashboard, jobs, health; and the probes that machines read."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from jinja2_fragments.flask import render_block
from redis.exceptions import RedisError
from werkzeug.wrappers import Response as AnyResponse

from app.auth import audit, workspace
from app.auth.access import needs
from app.campaigns.queries import figures
from app.channels.queries import the_channel
from app.extensions import db, limiter
from app.operations import checks, pulse, queries, rq_view, service
from app.operations.metrics import exposition
from app.shared.errors import Missing
from app.shared.pagination import page_of

bp = Blueprint("operations", __name__)

AUDITED_IDS = 20  # job ids in an audit entry; the count tells the rest


@bp.record_once
def hang_up_banner(state: BlueprintSetupState) -> None:
    """Let every page say so when nobody works or ticks."""
    state.app.extensions["banners"].append(pulse.banner)


@bp.get("/")
@needs("campaigns.view")
def dashboard() -> str:
    channel = the_channel()
    return render_template(
        "operations/dashboard.html",
        steps=queries.first_steps(channel),
        notices=queries.notices(channel) if channel else [],
        recent=queries.recent_campaigns(),
        webhooks=queries.webhook_health(),
        failed_jobs=_failed_jobs(),
        **_live(),
    )


@bp.get("/dashboard/live")
@needs("campaigns.view")
def dashboard_live() -> str:
    return render_block("operations/dashboard.html", "live", **_live())


@bp.get("/dashboard/<figure>")
@needs("campaigns.view")
def today(figure: str) -> str:
    if figure not in queries.FIGURES:
        raise Missing("The dashboard has no such figure.")
    page = page_of(queries.messages_of_today(figure), request.args.get("page", 1, type=int), scalars=False)
    return render_template("operations/today.html", figure=figure, page=page)


@bp.get("/jobs")
@needs("jobs.view")
def jobs() -> str:
    try:
        overview, groups = rq_view.overview(), rq_view.failed_groups()
    except RedisError:
        return render_template("operations/jobs.html", overview=None, groups=[])
    return render_template("operations/jobs.html", overview=overview, groups=groups, ticked_at=pulse.take().ticked_at)


@bp.get("/jobs/live")
@needs("jobs.view")
def jobs_live() -> str:
    try:
        overview = rq_view.overview()
    except RedisError:
        return render_block("operations/jobs.html", "live", overview=None)
    return render_block("operations/jobs.html", "live", overview=overview, ticked_at=pulse.take().ticked_at)


@bp.post("/jobs/requeue")
@needs("jobs.write")
def requeue_jobs() -> AnyResponse:
    return _treat_failed("requeue", "to run again")


@bp.post("/jobs/delete")
@needs("jobs.write")
def delete_jobs() -> AnyResponse:
    return _treat_failed("delete", "deleted")


@bp.get("/settings/health")
@needs("channels.view")
def health() -> str:
    return render_template("operations/health.html", findings=checks.diagnosis())


@bp.get("/healthz")
@limiter.exempt
def healthz() -> Response:
    return Response("ok", mimetype="text/plain")


@bp.get("/readyz")
@limiter.exempt
def readyz() -> tuple[Response, int]:
    findings = checks.readiness()
    is_ready = all(finding.level is not checks.Level.BAD for finding in findings)
    said = {finding.name.lower(): {"level": finding.level, "sentence": finding.sentence} for finding in findings}
    return jsonify(ready=is_ready, checks=said), 200 if is_ready else 503


@bp.get("/metrics")
@limiter.exempt
def metrics() -> Response:
    return Response(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _live() -> dict[str, Any]:
    channel = the_channel()
    return {
        "today": figures.today(workspace.zone()),
        "under_way": figures.running(),
        "meter": queries.limit_meter(channel) if channel else None,
    }


def _failed_jobs() -> int | None:
    try:
        return rq_view.failed_count()
    except RedisError:
        return None


def _treat_failed(deed: str, words: str) -> AnyResponse:
    """Requeue or delete the jobs named in the form: one, the ticked ones, or all of an exception."""
    ids = [request.form["only"]] if "only" in request.form else request.form.getlist("job")
    exception = request.form.get("exception") if "whole" in request.form else None
    try:
        found = service.chosen(ids, exception)
        number = {"requeue": service.requeue, "delete": service.delete}[deed](found)
    except RedisError:
        abort(503)
    if not number:
        flash("No such failed job is left.", "warning")
        return redirect(url_for(".jobs"))
    audit.record(f"jobs.{deed}", count=number, exception=exception, jobs=found[:AUDITED_IDS])
    db.session.commit()
    flash(f"{number} {'job' if number == 1 else 'jobs'} {words}.", "success")
    return redirect(url_for(".jobs"))

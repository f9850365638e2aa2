"""The pages of the operations room: dashboard, jobs, setup; and the probes that machines read."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from jinja2_fragments.flask import render_block
from redis.exceptions import RedisError
from werkzeug.wrappers import Response as AnyResponse

from app import config
from app.auth import audit, workspace
from app.auth.access import can, needs
from app.campaigns.queries import figures
from app.campaigns.queries import limit as messaging_limit
from app.channels import words
from app.channels.failures import sentence_of
from app.channels.models import Channel
from app.channels.queries import the_channel, unseen_alerts
from app.extensions import db, limiter
from app.meta.errors import MetaFailure
from app.operations import probe, pulse, queries, rq_view, service, subscription
from app.operations.checks import table
from app.operations.checks.findings import Level
from app.operations.metrics import exposition
from app.shared.errors import Missing
from app.shared.pagination import page_of

bp = Blueprint("operations", __name__)

EXAMINATIONS = "30 per minute"  # each asks Meta and posts to our own door
AUDITED_IDS = 20  # job ids in an audit entry; the count tells the rest


@bp.record_once
def hang_up_banner(state: BlueprintSetupState) -> None:
    """Let every page say so when nobody works or ticks."""
    state.app.extensions["banners"].append(pulse.banner)


@bp.record_once
def hang_up_diagnosis(state: BlueprintSetupState) -> None:
    """Let the API, which stands below this room, ask the doctor too."""
    state.app.extensions["diagnosis"] = table.diagnosis


@bp.get("/")
@needs("campaigns.view")
def dashboard() -> str:
    channel = the_channel()
    return render_template(
        "operations/dashboard.html",
        steps=queries.first_steps(channel),
        recent=queries.recent_campaigns(),
        webhooks=queries.webhook_health(),
        failed_jobs=_failed_jobs(),
        latest=queries.latest_from_customers(),
        **_alerts(channel),
        **_live(),
    )


@bp.get("/dashboard/alerts")
@needs("channels.view")
def dashboard_alerts() -> str:
    return render_block("operations/dashboard.html", "alerts", **_alerts(the_channel()))


@bp.get("/dashboard/live")
@needs("campaigns.view")
def dashboard_live() -> str:
    return render_block("operations/dashboard.html", "live", **_live())


@bp.get("/dashboard/latest")
@needs("customers.view")
def dashboard_latest() -> str:
    return render_block("operations/dashboard.html", "latest", latest=queries.latest_from_customers())


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


@bp.get("/setup")
@needs("channels.view")
def setup() -> str:
    """What is quickly known stands there at once; the page fetches the rest."""
    return render_template("operations/setup.html", diagnosis=table.first_look(), **_to_connect())


@bp.get("/setup/findings")
@limiter.limit(EXAMINATIONS)
@needs("channels.view")
def setup_findings() -> str:
    """The whole diagnosis: a part of the page for htmx, the page for a browser without scripts."""
    diagnosis = table.diagnosis()
    if "HX-Request" in request.headers:
        return render_block("operations/setup.html", "findings", diagnosis=diagnosis)
    return render_template("operations/setup.html", diagnosis=diagnosis, **_to_connect())


@bp.post("/setup/subscribe")
@needs("channels.write")
def subscribe() -> AnyResponse:
    try:
        subscription.subscribe()
    except MetaFailure as failure:
        flash(sentence_of(failure), "danger")
        return redirect(url_for(".setup"))
    audit.record("channel.subscribe", the_channel())
    db.session.commit()
    flash("Our app is subscribed: Meta posts from now on.", "success")
    return redirect(url_for(".setup"))


@bp.get("/healthz")
@limiter.exempt
def healthz() -> Response:
    return Response("ok", mimetype="text/plain")


@bp.get("/readyz")
@limiter.exempt
def readyz() -> tuple[Response, int]:
    findings = table.readiness()
    is_ready = all(finding.level is not Level.BAD for finding in findings)
    said = {finding.key: {"level": finding.level, "sentence": finding.sentence} for finding in findings}
    return jsonify(ready=is_ready, checks=said), 200 if is_ready else 503


@bp.get("/metrics")
@limiter.exempt
def metrics() -> Response:
    return Response(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _to_connect() -> dict[str, Any]:
    """What Meta's app must be given; the verify token for those only who may change the channel."""
    token = config.current().verify_token if can("channels.write") else None
    return {"webhook_url": probe.address(), "verify_token": token, "fields": subscription.FIELDS}


def _alerts(channel: Channel | None) -> dict[str, Any]:
    return {"alerts": unseen_alerts(channel) if channel else [], "alert_words": words}


def _live() -> dict[str, Any]:
    channel = the_channel()
    return {
        "today": figures.today(workspace.zone()),
        "under_way": figures.running(),
        "meter": messaging_limit.meter(channel) if channel else None,
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

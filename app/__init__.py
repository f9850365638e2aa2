"""Bulbul: WhatsApp campaigns, catalog, orders and conversations for a small team. This is its table of contents."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

import redis
from flask import Flask
from redis.backoff import NoBackoff
from redis.retry import Retry

from app import config, extensions


def create_app(environ: Mapping[str, str] | None = None) -> Flask:
    """The application, configured from `environ` (the process's own when None)."""
    settings = config.load(os.environ if environ is None else environ)
    app = Flask(__name__)
    _configure(app, settings)
    _bind_extensions(app, settings)
    _register_rooms(app)
    return app


def _configure(app: Flask, settings: config.Config) -> None:
    from app.shared import logs

    app.extensions["bulbul_config"] = settings
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "hide_parameters": True,  # they are people's numbers and names, and errors are logged
            "connect_args": {"options": "-c timezone=UTC", "application_name": "bulbul"},
        },
        MAX_CONTENT_LENGTH=settings.max_upload,
        SESSION_COOKIE_NAME="bulbul",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.behind_tls,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a wizard left open overnight must still save
        BABEL_DEFAULT_LOCALE="en_IN",
        # The limiter's own word for a Redis socket.
        RATELIMIT_STORAGE_URI=re.sub(r"^unix:", "redis+unix:", settings.redis_url),
        RATELIMIT_STRATEGY="moving-window",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
    )
    logs.configure(settings.log_level)


def _bind_extensions(app: Flask, settings: config.Config) -> None:
    from app import models  # noqa: F401  (every table, before Alembic or a query asks)

    app.extensions["redis"] = redis.Redis.from_url(
        settings.redis_url,
        health_check_interval=30,
        socket_connect_timeout=2,
        retry=Retry(NoBackoff(), 1),  # the doorbell is not worth waiting for; the scheduler rings again
    )
    extensions.db.init_app(app)
    with app.app_context():
        extensions.ping_when_idle(extensions.db.engine)
    extensions.migrate.init_app(app, extensions.db, directory=os.path.join(app.root_path, "..", "migrations"))
    extensions.login_manager.init_app(app)
    extensions.csrf.init_app(app)
    extensions.limiter.init_app(app)
    extensions.babel.init_app(app)


def _register_rooms(app: Flask) -> None:
    from app import cli
    from app.api import routes as api
    from app.auth import routes as auth
    from app.auth import web
    from app.campaigns import engagement
    from app.campaigns import routes as campaigns
    from app.channels import routes as channels
    from app.customers import routes as customers
    from app.message_templates import routes as message_templates
    from app.messaging import routes as messaging
    from app.operations import routes as operations
    from app.webhooks import routes as webhooks

    web.init_app(app)
    engagement.register()
    for room in (auth, operations, campaigns, message_templates, customers, messaging, channels, webhooks, api):
        app.register_blueprint(room.bp)
    _register_privacy(app)
    _register_timelines()
    cli.register(app)


def _register_privacy(app: Flask) -> None:
    """Who knows people, in the order of their locks: the journal, who digests, the limit, recipients, customers."""
    from app.campaigns import privacy as campaigns
    from app.customers.privacy import facts, register
    from app.messaging import privacy as messaging
    from app.webhooks import privacy as webhooks

    register.enter(app, webhooks.ROOM, messaging.ROOM, campaigns.ROOM, facts.ROOM)


def _register_timelines() -> None:
    """Who knows what happened with a customer."""
    from app.campaigns import moments as campaigns
    from app.customers import moments as customers
    from app.messaging import moments as messaging

    for room in (messaging, campaigns, customers):
        room.tell()

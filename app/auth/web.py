"""The front of the house: who is at the door, what every page has at hand, how errors look."""

from __future__ import annotations

from flask import Flask, Request, g, session
from flask_login import current_user

from app import config
from app.auth import (
    access,
    banners,
    errors,
    filters,
    headers,
    navigation,
    request_log,
    sessions,
    static_files,
)
from app.auth.models import DeviceSession, User
from app.extensions import login_manager

COOKIE_KEY = "device"


def init_app(app: Flask) -> None:
    """Bind the login, the headers, the log, filters, globals and error pages to `app`."""
    app.config["PERMANENT_SESSION_LIFETIME"] = sessions.LIFETIME
    app.extensions["banners"] = []
    app.extensions["badges"] = {}
    app.extensions["notes"] = {}
    login_manager.session_protection = None  # device sessions do it
    login_manager.request_loader(_user_of)
    app.before_request(_forget)
    request_log.register(app)
    headers.register(app)
    static_files.register(app)
    filters.register(app)
    errors.register(app)
    app.jinja_env.globals.update(
        can=access.can,
        menu=navigation.menu,
        banners=banners.up,
        settings=config.current,
    )


def enter(token: str) -> None:
    """Give the device its cookie. What the cookie held before belongs to nobody."""
    session.clear()
    session.permanent = True
    session[COOKIE_KEY] = token


def leave() -> None:
    """Take the device's cookie away."""
    session.clear()


def this_session() -> DeviceSession:
    """The device session of this request. Only for pages that need a login."""
    if not current_user.is_authenticated:
        raise LookupError("Nobody is logged in.")
    found: DeviceSession = g.device_session
    return found


def _forget() -> None:
    # A context that outlives a request must not carry a person or a form's token over to the next.
    for name in ("_login_user", "device_session", "csrf_token"):
        g.pop(name, None)


def _user_of(request: Request) -> User | None:
    device = sessions.find(session[COOKIE_KEY]) if COOKIE_KEY in session else None
    if device is None:
        return None
    sessions.touch(device, request.remote_addr or "")
    g.device_session = device
    return device.user

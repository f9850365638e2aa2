"""The door of every page: who must be logged in, and with which permission."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Response, abort, make_response, redirect, request, url_for
from flask_login import current_user

from app.auth import permissions

View = TypeVar("View", bound=Callable[..., Any])


def can(permission: str) -> bool:
    """Whether the person of this request may do that."""
    return current_user.is_authenticated and permissions.allows(current_user.role, permission)


def needs(permission: str | None = None) -> Callable[[View], View]:
    """Let a page be seen only after login and, when given, with `permission`: else the login page or a 403."""
    if permission is not None and permission not in permissions.PERMISSIONS:
        raise ValueError(f"There is no permission {permission!r}.")

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*arguments: Any, **named: Any) -> Any:
            if not current_user.is_authenticated:
                return to_login()
            if permission is not None and not can(permission):
                abort(403)
            return view(*arguments, **named)

        guarded.needs = permission  # type: ignore[attr-defined]  # the house's tests read it
        return cast(View, guarded)

    return guard


def to_login() -> Response:
    """The way to the login page and back. htmx would put that page into a fragment's place, so it is told to leave."""
    if "HX-Request" in request.headers:
        return make_response("", 401, {"HX-Redirect": url_for("auth.login")})
    came_from = request.full_path.rstrip("?") if request.method == "GET" else None
    return cast(Response, redirect(url_for("auth.login", next=came_from if came_from != "/" else None)))


def own_path(target: str | None) -> str | None:
    """`target` when it is a path of this site, else None: a login link must not lead to a stranger's page."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    # Browsers drop tabs and newlines inside a URL, so that "/\t/evil" would become "//evil".
    if any(ord(letter) < 0x20 for letter in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target

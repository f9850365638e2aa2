"""The pages of login, account, team and audit log."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms.fields import SelectChoice

from app.auth import audit, lockout, passwords, queries, service, sessions, tokens, web
from app.auth.access import needs, own_path
from app.auth.forms import (
    ROLES,
    AuditFilter,
    LoginForm,
    NameForm,
    NewUserForm,
    PasswordForm,
    RoleForm,
    TokenForm,
)
from app.auth.models import Role, User
from app.extensions import db
from app.shared.errors import Invalid
from app.shared.pagination import page_of

bp = Blueprint("auth", __name__)
FormT = TypeVar("FormT", bound=FlaskForm)


@bp.get("/login")
def login() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(_destination())
    return render_template("auth/login.html", form=LoginForm())


@bp.post("/login")
@lockout.guard
def log_in() -> ResponseReturnValue:
    form = LoginForm()
    if not form.validate():
        return render_template("auth/login.html", form=form), 422
    user = queries.user_by_email(form.email.data)
    if not passwords.matches(user, form.password.data) or user is None or not user.is_active:
        return _refuse(form, user)
    token = sessions.open_session(user, request)
    audit.record("user.login", user, by=user)
    db.session.commit()
    web.enter(token)
    return redirect(_destination())


@bp.post("/logout")
@needs()
def logout() -> ResponseReturnValue:
    sessions.revoke(web.this_session())
    audit.record("user.logout", web.this_session().user)
    db.session.commit()
    web.leave()
    return redirect(url_for("auth.login"))


@bp.get("/account")
@needs()
def account() -> ResponseReturnValue:
    return _account()


@bp.post("/account/name")
@needs()
def rename() -> ResponseReturnValue:
    form = NameForm()
    if not form.validate():
        return _account(name_form=form), 422
    service.rename(current_user, form.name.data)
    db.session.commit()
    return _done("Your name is saved.", "auth.account")


@bp.post("/account/password")
@needs()
def change_password() -> ResponseReturnValue:
    form = PasswordForm()
    if not form.validate():
        return _account(password_form=form), 422
    here = web.this_session()
    try:
        ended = service.change_password(current_user, form.old_password.data, form.password.data, here=here)
    except Invalid as error:
        return _account(password_form=_blame(form, error)), 422
    db.session.commit()
    return _done(f"Your password is changed. Sessions ended elsewhere: {ended}.", "auth.account")


@bp.post("/account/sessions/<uuid:public_id>/revoke")
@needs()
def revoke_session(public_id: UUID) -> ResponseReturnValue:
    session = queries.session_of(current_user, public_id)
    sessions.revoke(session)
    audit.record("session.revoke", session, device=session.device)
    db.session.commit()
    return _done(f"The session of {session.device} is ended.", "auth.account")


@bp.post("/account/sessions/revoke-others")
@needs()
def revoke_other_sessions() -> ResponseReturnValue:
    ended = sessions.revoke_all(current_user, but=web.this_session())
    audit.record("session.revoke_others", current_user, ended=ended)
    db.session.commit()
    return _done(f"Sessions ended: {ended}.", "auth.account")


@bp.post("/account/tokens")
@needs()
def create_token() -> ResponseReturnValue:
    form = TokenForm()
    if not form.validate():
        return _account(token_form=form), 422
    token, plain = tokens.create(current_user, form.name.data)
    audit.record("token.create", token, name=token.name)
    db.session.commit()
    return _account(token_form=TokenForm(formdata=None), new_token=plain)


@bp.post("/account/tokens/<uuid:public_id>/revoke")
@needs()
def revoke_token(public_id: UUID) -> ResponseReturnValue:
    token = queries.token_of(current_user, public_id)
    tokens.revoke(token)
    audit.record("token.revoke", token, name=token.name)
    db.session.commit()
    return _done(f"The token “{token.name}” is revoked.", "auth.account")


@bp.get("/team")
@needs("users.manage")
def team() -> ResponseReturnValue:
    return _team(NewUserForm())


@bp.post("/team")
@needs("users.manage")
def create_user() -> ResponseReturnValue:
    form, password = NewUserForm(), passwords.made_up()
    if not form.validate():
        return _team(form), 422
    try:
        user = service.create_user(form.email.data, form.name.data, Role(form.role.data), password)
    except Invalid as error:
        return _team(_blame(form, error)), 422
    db.session.commit()
    return _team(NewUserForm(formdata=None), new_user=user, new_password=password)


@bp.post("/team/<uuid:public_id>/role")
@needs("users.manage")
def change_role(public_id: UUID) -> ResponseReturnValue:
    user, form = queries.user(public_id), RoleForm()
    if not form.validate():
        raise Invalid("There is no such role.", "role")
    service.change_role(user, Role(form.role.data))
    db.session.commit()
    return _done(f"{user.name} is now {user.role}.", "auth.team")


@bp.post("/team/<uuid:public_id>/disable")
@needs("users.manage")
def disable_user(public_id: UUID) -> ResponseReturnValue:
    user = queries.user(public_id)
    service.disable(user, by=current_user)
    db.session.commit()
    return _done(f"{user.name} can no longer log in.", "auth.team")


@bp.post("/team/<uuid:public_id>/enable")
@needs("users.manage")
def enable_user(public_id: UUID) -> ResponseReturnValue:
    user = queries.user(public_id)
    service.enable(user)
    db.session.commit()
    return _done(f"{user.name} can log in again.", "auth.team")


@bp.get("/audit")
@needs("audit.view")
def audit_log() -> ResponseReturnValue:
    form = AuditFilter(request.args)
    form.person.choices = [
        SelectChoice("", "Everybody"),
        *(SelectChoice(str(user.public_id), user.name) for user in queries.team()),
    ]
    form.action.choices = [SelectChoice("", "Everything"), *map(SelectChoice, queries.audit_actions())]
    form.validate()  # what it refuses has no data below, and its words stand at the field
    person = UUID(form.person.data) if form.person.data and not form.person.errors else None
    action = form.action.data if not form.action.errors else None
    entries = queries.audit_entries(person, action, form.day.data)
    page = page_of(entries, request.args.get("page", 1, int), scalars=False)
    return render_template("auth/audit_log.html", form=form, page=page)


def _refuse(form: LoginForm, user: User | None) -> tuple[str, int]:
    """The same words for an unknown address, a wrong password and a disabled user."""
    if user is not None:  # the address of nobody may be a password typed into the wrong field: not kept
        audit.record("user.login_failed", user)
        db.session.commit()
    form.password.errors = ["The email address or the password is wrong."]
    return render_template("auth/login.html", form=form), lockout.FAILED


def _destination() -> str:
    return own_path(request.args.get("next")) or "/"


def _account(
    *,
    name_form: NameForm | None = None,
    password_form: PasswordForm | None = None,
    token_form: TokenForm | None = None,
    new_token: str | None = None,
) -> str:
    return render_template(
        "auth/account.html",
        name_form=name_form or NameForm(formdata=None, obj=current_user),
        password_form=password_form or PasswordForm(formdata=None),
        token_form=token_form or TokenForm(formdata=None),
        new_token=new_token,
        sessions=queries.living_sessions(current_user),
        here=web.this_session(),
        tokens=queries.living_tokens(current_user),
    )


def _team(form: NewUserForm, *, new_user: User | None = None, new_password: str | None = None) -> str:
    return render_template(
        "auth/team.html",
        form=form,
        roles=ROLES,
        people=queries.team(),
        new_user=new_user,
        new_password=new_password,
    )


def _blame(form: FormT, error: Invalid) -> FormT:
    """`form` with the refusal at the field it names."""
    form[error.field].errors = [str(error)]
    return form


def _done(words: str, endpoint: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for(endpoint))

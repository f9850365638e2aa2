"""The forms of login, account and team."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import DateField, EmailField, PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, EqualTo, Length, Optional

from app.auth.models import Role
from app.auth.passwords import LONGEST, SHORTEST

ROLES = [SelectChoice(role.value, role.value.capitalize()) for role in Role]


class LoginForm(FlaskForm):
    email = EmailField("Email", [DataRequired("Give your email address."), Length(max=320)])
    password = PasswordField("Password", [DataRequired("Give your password.")])


class NameForm(FlaskForm):
    name = StringField("Name", [DataRequired("Say what you are called."), Length(max=100)])


class PasswordForm(FlaskForm):
    old_password = PasswordField("Present password", [DataRequired("Give your present password.")])
    password = PasswordField(
        "New password",
        [
            DataRequired("Give a new password."),
            Length(SHORTEST, LONGEST, f"A password has {SHORTEST} to {LONGEST} characters."),
        ],
    )
    again = PasswordField("New password again", [EqualTo("password", "The two new passwords differ.")])


class TokenForm(FlaskForm):
    # The account page has another field of that name; two elements must not share an id.
    name = StringField(
        "What uses it", id="token-name", validators=[DataRequired("Say what uses the token."), Length(max=100)]
    )


class NewUserForm(FlaskForm):
    name = StringField("Name", [DataRequired("Say what this person is called."), Length(max=100)])
    email = EmailField("Email", [DataRequired("Give an email address."), Length(max=320)])
    role = SelectField("Role", choices=ROLES, default=Role.AGENT.value)


class RoleForm(FlaskForm):
    role = SelectField("Role", choices=ROLES)


class AuditFilter(FlaskForm):
    """Stands in the address, changes nothing, and so needs no CSRF token."""

    class Meta:
        csrf = False

    person = SelectField("Person", [Optional()])
    action = SelectField("Action", [Optional()])
    day = DateField("Day", [Optional()])

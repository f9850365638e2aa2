"""The team: creating people, changing what they may do, and never losing the last owner."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select

from app.auth import audit, passwords, sessions, workspace
from app.auth.models import DeviceSession, Role, User
from app.extensions import db
from app.shared.errors import Invalid, Refused


def create_user(email: str, name: str, role: Role, password: str) -> User:
    """A new member of the team. Raises `Invalid` for an unusable or taken address, name or password."""
    user = User(email=_clean_email(email), name=_clean_name(name), role=role, is_active=True)
    if db.session.scalar(select(User.id).where(User.email == user.email)):
        raise Invalid("Somebody with this email address is already in the team.", "email")
    passwords.set_password(user, password)
    db.session.add(user)
    workspace.current()
    db.session.flush()
    audit.record("user.create", user, email=user.email, role=role)
    return user


def ensure_owner(email: str, password: str) -> User | None:
    """The first owner, when there is nobody yet and both are given; else None and nothing happens."""
    if not email or not password or db.session.scalar(select(User.id).limit(1)):
        return None
    return create_user(email, email.split("@")[0], Role.OWNER, password)


def rename(user: User, name: str) -> None:
    """Change the name others see."""
    user.name = _clean_name(name)
    db.session.flush()


def change_password(user: User, old: str, new: str, *, here: DeviceSession) -> int:
    """Change one's own password and end one's other sessions; how many. Raises `Invalid` for a wrong old one."""
    if not passwords.matches(user, old):
        raise Invalid("This is not your present password.", "old_password")
    passwords.set_password(user, new)
    audit.record("user.change_password", user)
    return sessions.revoke_all(user, but=here)


def replace_password(user: User, password: str) -> None:
    """Set somebody's password without the old one, and end all their sessions."""
    passwords.set_password(user, password)
    sessions.revoke_all(user)
    audit.record("user.replace_password", user)


def change_role(user: User, role: Role) -> None:
    """Give `user` another role. Raises `Refused` for the last owner."""
    if role == user.role:
        return
    if role != Role.OWNER:
        _keep_an_owner(user)
    audit.record("user.change_role", user, old=user.role, new=role)
    user.role = role
    db.session.flush()


def disable(user: User, *, by: User) -> None:
    """Shut `user` out, at the next request. Raises `Refused` for oneself and for the last owner."""
    if user.id == by.id:
        raise Refused("You cannot disable yourself.")
    _keep_an_owner(user)
    user.is_active = False
    sessions.revoke_all(user)
    audit.record("user.disable", user)


def enable(user: User) -> None:
    """Let `user` in again."""
    user.is_active = True
    audit.record("user.enable", user)


def _keep_an_owner(user: User) -> None:
    # Locked, all of them: two owners demoting each other at once must not leave nobody.
    owners = select(User.id).where(User.role == Role.OWNER, User.is_active).with_for_update()
    if set(db.session.scalars(owners)) <= {user.id}:
        raise Refused(f"{user.name} is the last owner. Make somebody else an owner first.")


def _clean_email(text: str) -> str:
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise Invalid("This is not an email address.", "email") from error


def _clean_name(text: str) -> str:
    if not (name := " ".join(text.split())):
        raise Invalid("Say what this person is called.", "name")
    return name

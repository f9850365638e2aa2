"""The filter of the journal."""

from __future__ import annotations

from datetime import datetime

from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, ValidationError

from app.auth import workspace
from app.webhooks import words
from app.webhooks.journal import Asked

KINDS = [SelectChoice("", "Everything"), *(SelectChoice(name, label) for name, label in words.KINDS.items())]
ONLY = [
    SelectChoice("", "All"),
    SelectChoice("errors", "With errors"),
    SelectChoice("undigested", "Not digested yet"),
]


class JournalFilter(FlaskForm):
    """Stands in the address; also what a replay is for. Times are the workspace's."""

    class Meta:
        csrf = False  # it changes nothing; the replay's own form brings a token

    kind = SelectField("Kind", [Optional()], choices=KINDS, validate_choice=False)
    only = SelectField("Which", [Optional()], choices=ONLY)
    since = DateTimeLocalField("From", [Optional()])
    until = DateTimeLocalField("To", [Optional()])

    def validate_until(self, field: DateTimeLocalField) -> None:
        if field.data and self.since.data and field.data <= self.since.data:
            raise ValidationError("This lies before the beginning.")

    def asked(self) -> Asked:
        """What is asked for; what was refused counts for nothing."""
        only = self.only.data if not self.only.errors else ""
        kind = (self.kind.data or "").replace("\x00", "")
        return Asked(kind, only or "", _moment(self.since), _moment(self.until))


def _moment(field: DateTimeLocalField) -> datetime | None:
    if field.errors or field.data is None:
        return None
    local: datetime = field.data.replace(tzinfo=workspace.zone())
    return local

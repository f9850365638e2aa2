"""Shapes of what people send to the campaigns room."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from babel import Locale
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from app.auth.models import Workspace
from app.messaging import pricing
from app.shared.csv_encoding import ENCODINGS

CONSENT = "These people agreed to receive WhatsApp messages from us"
DELIMITERS = {",": "Comma", ";": "Semicolon", "\t": "Tab", "|": "Vertical bar"}


class NameForm(FlaskForm):
    """What the campaign is called."""

    name = StringField(
        "Name", validators=[DataRequired("Give the campaign a name."), Length(max=120, message="At most 120 letters.")]
    )
    description = TextAreaField("Description", validators=[Length(max=1000, message="At most 1,000 letters.")])


class UploadForm(FlaskForm):
    """A CSV file."""

    file = FileField("CSV file", validators=[FileRequired("Choose a CSV file.")])


class ReadingForm(FlaskForm):
    """How a CSV file is to be read."""

    encoding = SelectField("Text encoding", choices=[SelectChoice(*item) for item in ENCODINGS.items()])
    delimiter = SelectField("Separator", choices=[SelectChoice(*item) for item in DELIMITERS.items()])
    has_header = SelectField("First row", choices=[SelectChoice("yes", "Column names"), SelectChoice("no", "A person")])
    phone_column = SelectField("Phone numbers", coerce=str)
    name_column = SelectField("Names", coerce=str)

    @classmethod
    def of(cls, reading: dict[str, Any]) -> ReadingForm:
        """The form showing how the file is read now."""
        form = cls(
            encoding=reading["encoding"],
            delimiter=reading["delimiter"],
            has_header="yes" if reading["has_header"] else "no",
            phone_column=_index(reading["phone_column"]),
            name_column=_index(reading["name_column"]),
        )
        columns = [SelectChoice(str(index), column) for index, column in enumerate(reading["columns"])]
        form.phone_column.choices = [SelectChoice("", "Choose a column"), *columns]
        form.name_column.choices = (
            columns if reading["name_column"] is not None else [SelectChoice("", "No column"), *columns]
        )
        return form

    def changes(self) -> dict[str, Any]:
        """What was chosen, as `imports.change_reading` takes it."""
        return {
            "encoding": self.encoding.data,
            "delimiter": self.delimiter.data,
            "has_header": self.has_header.data == "yes",
            "phone_column": _number(self.phone_column.data),
            "name_column": _number(self.name_column.data),
        }


class ConsentForm(FlaskForm):
    """The word of whoever brings a list."""

    agreed = BooleanField(CONSENT, validators=[DataRequired("Without their consent nobody may be written to.")])


class TrialForm(FlaskForm):
    """The phone a test goes to."""

    phone = StringField("Your WhatsApp number", validators=[InputRequired("Type your number."), Length(max=60)])


class SendForm(FlaskForm):
    """The last word. Large campaigns want their count typed."""

    count = StringField("Number of people", validators=[Length(max=20)])

    def typed(self) -> int | None:
        """The count as typed, with or without separators."""
        digits = re.sub(r"[\s,.'\u00a0]", "", self.count.data or "")
        return int(digits) if digits.isascii() and digits.isdigit() else None


class RateForm(FlaskForm):
    """A price from a day on."""

    market = SelectField("Market")
    category = SelectField("Category", choices=[SelectChoice(name, name.capitalize()) for name in pricing.CATEGORIES])
    currency = StringField("Currency", validators=[InputRequired("Which currency?")])
    amount = DecimalField(
        "Price of one message",
        places=4,
        validators=[
            InputRequired("Type a price."),
            NumberRange(Decimal(0), Decimal(10_000), message="A price from 0 to 10,000."),
        ],
    )
    effective_on = DateField("From", validators=[InputRequired("From which day on?")])

    @classmethod
    def new(cls, currency: str, today: date) -> RateForm:
        """The form with the market's choices; values for a first look."""
        form = cls(currency=currency, effective_on=today, market="IN")
        countries = sorted(
            (name, code) for code, name in Locale("en").territories.items() if re.fullmatch("[A-Z]{2}", code)
        )
        form.market.choices = [
            SelectChoice(pricing.EVERYWHERE, "Everywhere else"),
            *(SelectChoice(code, name) for name, code in countries),
        ]
        return form

    def validate_currency(self, field: Any) -> None:
        field.data = field.data.strip().upper()
        if field.data not in Locale("en").currencies:
            raise ValidationError("Use a currency's three letters, such as INR.")


class SendingRulesForm(FlaskForm):
    """What holds for every campaign of the workspace."""

    marketing_cap = IntegerField(
        "Marketing messages to a customer in 7 days",
        validators=[Optional(), NumberRange(1, 50, message="A whole number from 1 to 50, or nothing for no cap.")],
    )
    spares = RadioField(
        "Marketing to +1 numbers",
        choices=[
            SelectChoice("all", "Send none: all numbers that begin with +1 are skipped"),
            SelectChoice("us", "Skip United States area codes only; Canada and the Caribbean get messages"),
        ],
        validators=[InputRequired("Choose one.")],
    )
    limit_reserve = IntegerField(
        "Reserve, in percent of the limit",
        validators=[
            InputRequired("Type a percentage; 0 keeps nothing back."),
            NumberRange(0, 50, message="A whole number from 0 to 50."),
        ],
    )

    @classmethod
    def of(cls, workspace: Workspace) -> SendingRulesForm:
        """The form with the rules as they are."""
        return cls(
            marketing_cap=workspace.marketing_cap,
            spares="us" if workspace.spares_only_us_area_codes else "all",
            limit_reserve=workspace.limit_reserve,
        )

    def rules(self) -> dict[str, Any]:
        """The rules as typed, by the workspace's names."""
        return {
            "marketing_cap": self.marketing_cap.data,
            "spares_only_us_area_codes": self.spares.data == "us",
            "limit_reserve": self.limit_reserve.data,
        }


def _index(value: int | None) -> str:
    return "" if value is None else str(value)


def _number(value: str | None) -> int | None:
    return int(value) if value else None

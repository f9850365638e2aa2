"""Shapes of what people send to the pages of privacy."""

from __future__ import annotations

from dataclasses import dataclass

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from app.customers.forms import printed
from app.customers.models import Customer
from app.customers.privacy import retention
from app.customers.privacy.retention import Rule
from app.shared.errors import Invalid

LAST = 4  # characters of a number or an id that tell whether it is the right one
FOR_EVER = ("", "never", "ever")


class AddressForm(FlaskForm):
    """A phone number as people write it, or Meta's user id."""

    address = StringField(
        "Phone number or WhatsApp id",
        validators=[DataRequired("Write a phone number or a WhatsApp id."), Length(max=200)],
        filters=[printed],
    )


class ReasonForm(AddressForm):
    """The same, and why."""

    reason = StringField("Why?", validators=[DataRequired("Say why."), Length(max=500)], filters=[printed])


class StrangerForm(AddressForm):
    """Somebody who is no customer and is to be erased."""

    is_sure = BooleanField("I know that this cannot be taken back", validators=[InputRequired("Tick this to go on.")])


class EraseForm(FlaskForm):
    """The end of the customer's number, typed, and whether the words of others lose their name, too."""

    confirmation = StringField("", validators=[Length(max=200)])
    by_name = BooleanField("Also take their full name out of what others wrote")

    def is_confirmed(self, customer: Customer) -> bool:
        """Whether this customer was meant; if not, the field says so."""
        if (self.confirmation.data or "").strip() == last_of(customer):
            return True
        self.confirmation.errors = [f"These are not the last {LAST} characters."]
        return False


def last_of(customer: Customer) -> str:
    """What is to be typed: the end of their number, or of their WhatsApp id."""
    return (customer.phone or customer.user_id or "")[-LAST:]


@dataclass(slots=True)
class Keeping:
    """A line of the retention form: the rule, what was typed, what is wrong with it, how much would go."""

    rule: Rule
    typed: str
    error: str = ""
    number: int | None = None

    @property
    def days(self) -> int | None:
        """What was typed, as days; None: for ever. Raises `Invalid`."""
        words = self.typed.strip().lower()
        if words in FOR_EVER:
            return None
        if not words.isascii() or not words.isdecimal() or len(words) > 6:
            raise Invalid("Write a number of days, or leave it empty.", "days")
        return retention.checked(self.rule.kind, int(words))


def keepings(sent: MultiDict[str, str] | None = None) -> list[Keeping]:
    """A line for each kind of data: as its rule is, or as it was `sent`, with what is wrong about it."""
    if sent is None:
        return [Keeping(rule, "" if rule.days is None else str(rule.days)) for rule in retention.rules()]
    lines = [Keeping(rule, sent.get(rule.kind.name, "")) for rule in retention.rules()]
    for line in lines:
        try:
            _ = line.days
        except Invalid as fault:
            line.error = str(fault)
    return lines

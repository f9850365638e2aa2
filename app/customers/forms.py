"""Shapes of what people send to the customers room."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, Optional

from app.customers.models import Customer
from app.customers.service.consent_words import Rules
from app.customers.service.people import Details


class CustomerForm(FlaskForm):
    """A customer's details. Whether the phone is usable is the service's to say."""

    phone = StringField("Phone", validators=[Length(max=60)])
    name = StringField("Name", validators=[Length(max=200)])
    email = StringField(
        "Email", validators=[Optional(), Length(max=254), Email(message="This is not an email address.")]
    )
    city = StringField("City", validators=[Length(max=200)])
    tags = StringField("Tags", validators=[Length(max=500)])

    def details(self) -> Details:
        """What was filled in."""
        return Details(**{name: getattr(self, name).data or "" for name in Details.__slots__})

    @classmethod
    def of(cls, customer: Customer) -> CustomerForm:
        """The form showing `customer` as it is."""
        return cls(
            phone=customer.phone,
            name=customer.name,
            email=customer.email,
            city=customer.city,
            tags=", ".join(customer.tags),
        )


class ConsentForm(FlaskForm):
    """The words that prove a yes or a no."""

    wording = StringField(
        "How do we know?",
        validators=[InputRequired(message="Say how we know, for example “asked at the counter”."), Length(max=500)],
    )


class ConsentWordsForm(FlaskForm):
    """Words one a line, and what is answered to them. Whether they can hold together is the service's to say."""

    stop_words = TextAreaField("Words that stop marketing messages", validators=[Length(max=40_000)])
    start_words = TextAreaField("Words that start them again", validators=[Length(max=40_000)])
    stop_reply = TextAreaField("What we answer to a stop", validators=[Length(max=5_000)])
    start_reply = TextAreaField("What we answer to a start", validators=[Length(max=5_000)])

    @classmethod
    def of(cls, rules: Rules) -> ConsentWordsForm:
        """The form showing the rules in force."""
        return cls(
            stop_words="\n".join(sorted(rules.stop_words)),
            start_words="\n".join(sorted(rules.start_words)),
            stop_reply=rules.stop_reply,
            start_reply=rules.start_reply,
        )

    def words(self) -> dict[str, str]:
        """What was filled in."""
        return {name: self[name].data or "" for name in ("stop_words", "start_words", "stop_reply", "start_reply")}

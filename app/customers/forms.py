"""Shapes of what people send to the customers room."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Email, InputRequired, Length, Optional

from app.customers.models import Customer
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

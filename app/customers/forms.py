"""Shapes of what people send to the customers room."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    DateTimeLocalField,
    DecimalField,
    FieldList,
    Form,
    FormField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Email, InputRequired, Length, Optional, Regexp

from app.customers.models import Customer, Sale
from app.customers.queries.sales import exact
from app.customers.service.consent_words import Rules
from app.customers.service.notes import LONGEST
from app.customers.service.sales import Sold, sold

SPARE_ROWS = 3
LOCALE = Regexp(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*$", message="Write a language like en, hi or pt_BR.")


def printed(written: str | None) -> str | None:
    """Without what a database cannot keep."""
    return written.replace("\x00", "") if written else written


class AttributeForm(Form):
    """One attribute; without a value it goes."""

    name = StringField("Name", validators=[Length(max=200)], filters=[printed])
    value = StringField("Value", validators=[Length(max=1000)], filters=[printed])


class CustomerForm(FlaskForm):
    """A customer's details. Whether phone, id and zone are usable is the service's to say."""

    phone = StringField("Phone", validators=[Length(max=60)], filters=[printed])
    user_id = StringField("Meta’s user id", validators=[Length(max=200)], filters=[printed])
    name = StringField("Name", validators=[Length(max=200)], filters=[printed])
    email = StringField(
        "Email",
        validators=[Optional(), Length(max=254), Email(message="This is not an email address.")],
        filters=[printed],
    )
    city = StringField("City", validators=[Length(max=200)], filters=[printed])
    zone = SelectField("Time zone", validators=[Optional()], validate_choice=False)
    locale = StringField("Language", validators=[Optional(), Length(max=30), LOCALE], filters=[printed])
    tags = StringField("Tags", validators=[Length(max=2000)], filters=[printed])
    attributes = FieldList(FormField(AttributeForm), max_entries=220)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        names = sorted({*zone_names(), self.zone.data or ""} - {""})
        self.zone.choices = [("", "As the number tells"), *((name, name) for name in names)]

    def said(self, customer: Customer | None = None) -> dict[str, Any]:
        """What was filled in, as `profiles` takes it. Attributes of `customer` left as shown stay what they are."""
        told: dict[str, Any] = {name: self[name].data or "" for name in TOLD}
        known = customer.attributes if customer else {}
        kept = {(row["name"] or "").strip(): (row["value"] or "").strip() for row in self.attributes.data}
        written = {name: _read(known.get(name), value) for name, value in kept.items() if name and value}
        return told | {"tags": [self.tags.data or ""], "attributes": dict.fromkeys(known) | written}

    @classmethod
    def of(cls, customer: Customer | None) -> CustomerForm:
        """The form showing `customer` as they are, or nobody."""
        if customer is None:
            return cls(attributes=[{}] * SPARE_ROWS)
        rows = [{"name": name, "value": shown(value)} for name, value in sorted(customer.attributes.items())]
        told = {name: getattr(customer, name) for name in TOLD}
        return cls(**told, tags=", ".join(customer.tags), attributes=rows + [{}] * SPARE_ROWS)


TOLD = ("phone", "user_id", "name", "email", "city", "zone", "locale")


class NoteForm(FlaskForm):
    """What somebody writes about a customer."""

    body = TextAreaField(
        "Note",
        validators=[
            InputRequired(message="Write something first."),
            Length(max=LONGEST, message=f"A note has at most {LONGEST:,} characters."),
        ],
    )


class SaleForm(FlaskForm):
    """A sale told by hand; times in the workspace's zone. Whether it can be kept is the service's to say."""

    amount = DecimalField("Amount", validators=[InputRequired(message="Give the amount.")])
    currency = StringField("Currency", validators=[InputRequired(message="Give the currency."), Length(max=3)])
    category = StringField("Category or destination", validators=[Length(max=200)], filters=[printed])
    product = StringField("Product", validators=[Length(max=500)], filters=[printed])
    sold_at = DateTimeLocalField("Sold", validators=[InputRequired(message="Say when it was sold.")])
    starts_on = DateField("Starts on", validators=[Optional()])
    external_id = StringField("Booking number", validators=[Length(max=200)], filters=[printed])

    def sold(self, customer: Customer, zone: ZoneInfo) -> Sold:
        """The sale that was filled in. Raises `Invalid` at the field."""
        assert self.amount.data is not None
        assert self.sold_at.data is not None
        return sold(
            customer.id,
            self.amount.data,
            self.currency.data or "",
            self.sold_at.data.replace(tzinfo=zone),
            category=self.category.data,
            product=self.product.data,
            starts_on=self.starts_on.data,
            external_id=self.external_id.data,
        )

    @classmethod
    def of(cls, sale: Sale, zone: ZoneInfo) -> SaleForm:
        """The form showing `sale` as it is."""
        told = {name: getattr(sale, name) for name in ("currency", "category", "product", "starts_on", "external_id")}
        return cls(**told, amount=exact(sale.amount, sale.currency), sold_at=_by_the_clock(sale.sold_at, zone))

    @classmethod
    def new(cls, currency: str, now: datetime, zone: ZoneInfo) -> SaleForm:
        """The form for one that is sold just now."""
        return cls(currency=currency, sold_at=_by_the_clock(now, zone))


class ConsentForm(FlaskForm):
    """The words that prove a yes or a no."""

    wording = StringField(
        "How do we know?",
        validators=[InputRequired(message="Say how we know, for example “asked at the counter”."), Length(max=500)],
        filters=[printed],
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


@cache
def zone_names() -> tuple[str, ...]:
    """The zones people choose from, by area and city."""
    return tuple(
        sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    )


def shown(value: object) -> str:
    """An attribute's value as people read and write it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _read(known: object, written: str) -> object:
    """What was there as long as it reads the same: a number stays one."""
    return known if known is not None and shown(known).strip() == written else written


def _by_the_clock(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)

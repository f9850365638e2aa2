"""How figures, times, phones and money read on pages: Indian grouping, the workspace's zone."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

import phonenumbers
from babel.dates import format_timedelta
from babel.numbers import format_currency, format_decimal
from flask import Flask
from markupsafe import Markup, escape

from app.auth import workspace
from app.shared.clock import now

LOCALE = "en_IN"
NOTHING = "–"
# WhatsApp's own marks, around words and not inside them: 2*3*4 and snake_case_names are plain.
MARKS = {"*": "strong", "_": "em", "~": "s"}
MONOSPACE = re.compile(r"```(.+?)```", re.DOTALL)
MARKED = re.compile(r"(?<![^\W_])([*_~])(?=\S)((?:(?!\1)[^\n])+)(?<=\S)\1(?![^\W_])")


def register(app: Flask) -> None:
    """Give every template these filters."""
    for filter_ in (number, percent, phone, localtime, ago, money, whatsapp):
        app.add_template_filter(filter_)


def number(value: float | Decimal | None) -> str:
    """12,34,567"""
    return NOTHING if value is None else format_decimal(value, locale=LOCALE)


def percent(part: float | None, whole: float | None = None) -> str:
    """A share as "12.5%": of `whole` when given, else `part` is the share itself (0 to 1)."""
    if part is None or whole == 0:
        return NOTHING
    share = part / whole if whole else part
    return f"{100 * share:.1f}".removesuffix(".0") + "%"


def phone(value: str | None) -> str:
    """+91 98123 45678"""
    try:
        parsed = phonenumbers.parse(value or "")
    except phonenumbers.NumberParseException:
        return value or NOTHING
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def localtime(value: datetime | None) -> str:
    """21 Nov 2026, 15:04 IST"""
    return NOTHING if value is None else value.astimezone(workspace.zone()).strftime("%-d %b %Y, %H:%M %Z")


def ago(value: datetime | None) -> str:
    """3 minutes ago, in 2 hours"""
    if value is None:
        return NOTHING
    distance = value - now()
    if abs(distance.total_seconds()) < 10:
        return "just now"
    return format_timedelta(distance, add_direction=True, locale="en")


def money(amount: Decimal | float | None, currency: str) -> str:
    """₹12,34,567.50"""
    return NOTHING if amount is None else format_currency(amount, currency, locale=LOCALE)


def whatsapp(text: str | None) -> Markup:
    """A message's text with *bold*, _italic_, ~struck~ and ```fixed``` as HTML, everything else escaped."""
    pieces = MONOSPACE.split(str(escape(text or "")))  # plain, fixed, plain, ...
    shown = (f"<code>{piece}</code>" if index % 2 else _marked(piece) for index, piece in enumerate(pieces))
    return Markup("".join(shown))


def _marked(words: str) -> str:
    return MARKED.sub(lambda mark: f"<{MARKS[mark[1]]}>{_marked(mark[2])}</{MARKS[mark[1]]}>", words)

"""What people may set on the channel's page."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField
from wtforms.validators import InputRequired, NumberRange


class SpeedForm(FlaskForm):
    """How fast the channel sends."""

    messages_per_second = IntegerField(
        "Messages per second",
        validators=[
            InputRequired("Say how many messages may leave in a second."),
            NumberRange(1, 1000, "Give a whole number from 1 to 1,000."),
        ],
    )


class WayForm(FlaskForm):
    """Which way marketing templates leave."""

    uses_marketing_service = BooleanField("Marketing messages leave through Meta's marketing service")

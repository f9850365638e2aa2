"""The blueprint of the message templates room."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("message_templates", __name__)

"""The blueprint of the customers room: people, their consent, imports, segments."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("customers", __name__)

"""The blueprint of the campaigns room."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("campaigns", __name__)

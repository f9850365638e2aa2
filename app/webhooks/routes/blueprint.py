"""The blueprint of this room, and the address that Meta knows."""

from __future__ import annotations

from flask import Blueprint

PATH = "/webhooks/whatsapp"

bp = Blueprint("webhooks", __name__)

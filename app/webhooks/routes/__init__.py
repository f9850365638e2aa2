"""The doors of webhooks: what Meta posts to, and the journal that people read. Ask it for `bp`."""

from app.webhooks.routes import handshake, journal, receiver
from app.webhooks.routes.blueprint import bp

__all__ = ["bp", "handshake", "journal", "receiver"]

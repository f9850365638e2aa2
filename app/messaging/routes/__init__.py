"""The pages of messaging: a conversation, and two customers made one. Ask it for `bp`."""

from app.messaging.routes import conversation, merging
from app.messaging.routes.blueprint import bp

__all__ = ["bp", "conversation", "merging"]

"""The pages of message templates: the gallery, a template, the builder. Ask it for `bp`."""

from app.message_templates.routes import builder, gallery, page
from app.message_templates.routes.blueprint import bp

__all__ = ["bp", "builder", "gallery", "page"]

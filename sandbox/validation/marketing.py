"""Which of the two doors a message may take: /messages or /marketing_messages."""

from sandbox.errors import GraphError
from sandbox.tuning import Marketing
from sandbox.world.message_template import Template


def check_plain(template: Template | None, tuning: Marketing) -> str:
    """Everything goes through /messages, until the account keeps marketing out of it. The pricing category."""
    if template is None:
        return "service"
    if template.category == "MARKETING" and tuning.disable_marketing_messages_on_cloud_api:
        raise GraphError(131063)
    return template.category.lower()


def check_marketing(template: Template | None, tuning: Marketing) -> str:
    """Only marketing templates, of an account that was let in. The pricing category."""
    if template is None:
        raise GraphError(131055)
    if template.category != "MARKETING":
        raise GraphError(134100, f"Template {template.name} is of category {template.category}.")
    if not tuning.is_onboarded:
        raise GraphError(134102, "The account is not onboarded to the Marketing Messages API.")
    return "marketing_lite"

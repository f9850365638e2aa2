"""The refusal of a template definition, with the subcode by which Meta names the reason."""

from sandbox.errors import GraphError

NO_SUBCODE_TITLE = "Invalid template"
TITLES = {
    2388019: "Message template limit exceeded",
    2388023: "Message template language is being deleted",
    2388024: "Content in this language already exists",
    2388039: "Message template cannot be edited",
    2388040: "Character limit exceeded",
    2388047: "Message header format is incorrect",
    2388072: "Message body format is incorrect",
    2388073: "Message footer format is incorrect",
    2388293: "Parameters words ratio exceeds limit",
    2388299: "Leading or trailing params not allowed",
    2494102: "Uploaded media handle is invalid",
    2593002: "Message template not found",
}


def refusal(details: str, subcode: int | None = None) -> GraphError:
    """A refusal in words for people."""
    title = TITLES[subcode] if subcode else NO_SUBCODE_TITLE
    return GraphError(100, details, subcode=subcode, user_title=title, message="Invalid parameter")

"""Meta's error codes and the envelope they come in."""

from typing import Any

from sandbox.ids import new_trace_id

HELP_PAGE = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"

# code: (HTTP status of a synchronous refusal, title)
TITLES: dict[int, tuple[int, str]] = {
    1: (500, "An unknown error occurred"),
    100: (400, "Invalid parameter"),
    190: (401, "Error validating access token"),
    2500: (400, "Unknown path components"),
    130429: (429, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    131000: (500, "Something went wrong"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "This message was not delivered to maintain healthy ecosystem engagement."),
    131050: (400, "User has stopped marketing messages"),
    131051: (400, "Unsupported message type"),
    131053: (400, "Media upload error"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    132000: (400, "Number of parameters does not match the expected number of params"),
    132001: (404, "Template name does not exist in the translation"),
    132005: (400, "Translated text too long"),
    132012: (400, "Parameter format does not match format in the created template"),
    132015: (400, "Template is paused"),
    132016: (400, "Template is disabled"),
    132018: (400, "There's an issue with the parameters in your template"),
}

DETAILS: dict[int, str] = {
    130429: "Message failed to send because there were too many messages sent from this phone number "
    "in a short period of time.",
    130472: "Failed to send message because this user's phone number is part of an experiment.",
    131000: "Something went wrong.",
    131026: "Message undeliverable.",
    131047: "Message failed to send because more than 24 hours have passed since the customer last "
    "replied to this number.",
    131048: "Message failed to send because there are restrictions on how many messages can be sent "
    "from this phone number.",
    131049: "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
    131050: "Unable to deliver the message. This recipient has chosen to stop receiving marketing "
    "messages on WhatsApp from your business.",
    131056: "Message failed to send because there were too many messages sent from this phone number "
    "to the same phone number in a short period of time.",
    132015: "Template is paused due to low quality.",
    132016: "Template has been disabled due to low quality.",
}


class GraphError(Exception):
    """A refusal as Meta words it. `details` is the sentence that says what exactly is wrong."""

    def __init__(
        self,
        code: int,
        details: str | None = None,
        *,
        subcode: int | None = None,
        status: int | None = None,
        type: str = "OAuthException",
        message: str | None = None,
        user_title: str | None = None,
    ) -> None:
        usual_status, title = TITLES[code]
        super().__init__(message or f"(#{code}) {title}")
        self.code = code
        self.status = status or usual_status
        self.subcode = subcode
        self.type = type
        self.details = details or DETAILS.get(code)
        self.user_title = user_title

    def envelope(self) -> dict[str, Any]:
        """The JSON body of the refusal."""
        error: dict[str, Any] = {"message": str(self), "type": self.type, "code": self.code}
        if self.details and not self.user_title:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        if self.subcode:
            error["error_subcode"] = self.subcode
        if self.user_title:
            error |= {"is_transient": False, "error_user_title": self.user_title}
            error["error_user_msg"] = self.details
        return {"error": error | {"fbtrace_id": new_trace_id()}}


def missing(parameter: str) -> GraphError:
    """The refusal of a call that lacks a required parameter."""
    return GraphError(131008, f"Parameter '{parameter}' is mandatory")


def invalid(details: str) -> GraphError:
    """The refusal of a call whose parameter has a value Meta does not take."""
    return GraphError(131009, details)


def webhook_error(code: int) -> dict[str, Any]:
    """The item of `statuses[].errors[]` for a message that was accepted and failed later."""
    title = TITLES[code][1]
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": DETAILS.get(code, title)},
        "href": HELP_PAGE,
    }

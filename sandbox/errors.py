"""Meta's error codes and the envelope they come in."""

from typing import Any

from sandbox.ids import new_trace_id

HELP_PAGE = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"

# code: (HTTP status of a synchronous refusal, title)
TITLES: dict[int, tuple[int, str]] = {
    0: (401, "AuthException"),
    1: (500, "An unknown error occurred"),
    2: (503, "API Service"),
    3: (500, "API Method"),
    4: (400, "Application request limit reached"),
    10: (403, "Permission denied"),
    33: (400, "Parameter value is not valid"),
    100: (400, "Invalid parameter"),
    190: (401, "Error validating access token"),
    200: (403, "Permissions error"),
    368: (403, "Temporarily blocked for policies violations"),
    803: (404, "Some of the aliases you requested do not exist"),
    2046: (400, "Order status transition is not valid"),
    2047: (400, "A paid order cannot be canceled"),
    2200: (400, "Callback verification failed"),
    2500: (400, "Unknown path components"),
    80007: (400, "Rate limit issues"),
    80009: (400, "There have been too many calls to this catalog"),
    80014: (400, "There have been too many batch calls to this catalog"),
    130403: (400, "The business blocked this user"),
    130429: (429, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131030: (400, "Recipient phone number not in allowed list"),
    131031: (403, "Business Account locked"),
    131037: (400, "Display name approval is needed"),
    131042: (400, "Business eligibility payment issue"),
    131044: (400, "Business eligibility payment issue"),
    131045: (500, "Incorrect certificate"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "This message was not delivered to maintain healthy ecosystem engagement."),
    131050: (400, "User has stopped marketing messages"),
    131051: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131055: (400, "Method not allowed"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Account in maintenance mode"),
    131061: (400, "Max-price templates are not supported on this endpoint"),
    131062: (400, "Business-scoped user id recipients are not supported for this message"),
    131063: (400, "Marketing templates are disabled for Cloud API"),
    131064: (400, "Limited for template misclassification"),
    131065: (400, "Max-price templates are not available in this country"),
    132000: (400, "Number of parameters does not match the expected number of params"),
    132001: (404, "Template name does not exist in the translation"),
    132005: (400, "Translated text too long"),
    132007: (400, "Template format character policy violated"),
    132008: (400, "Template parameter value is not valid"),
    132012: (400, "Parameter format does not match format in the created template"),
    132015: (400, "Template is paused"),
    132016: (400, "Template is disabled"),
    132018: (400, "There's an issue with the parameters in your template"),
    132068: (400, "Flow is in blocked state"),
    132069: (400, "Flow is in throttled state"),
    133000: (500, "Incomplete deregistration"),
    133004: (503, "Server temporarily unavailable"),
    133005: (400, "Two-step verification PIN mismatch"),
    133006: (400, "Phone number re-verification needed"),
    133008: (400, "Too many two-step verification PIN guesses"),
    133009: (400, "Two-step verification PIN guessed too fast"),
    133010: (400, "Phone number not registered"),
    133015: (400, "Please wait a few minutes before attempting to register this phone number"),
    133016: (400, "Account register or deregister rate limit exceeded"),
    134011: (400, "WhatsApp Payments terms of service have not been accepted"),
    134100: (400, "Only marketing messages supported"),
    134101: (400, "Template is being synced"),
    134102: (500, "Template unavailable for use"),
    135000: (400, "Generic user error"),
    137000: (400, "Recipient identity key hash mismatch"),
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
    131055: "The Marketing Messages API sends marketing templates only; use /messages for everything else.",
    131062: "One-tap, zero-tap and copy-code authentication templates can only be sent to a phone number.",
    131063: "To send this template, use the Marketing Messages API or turn off "
    "disable_marketing_messages_on_cloud_api.",
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

"""Meta's error codes in plain words: class -> rows of (code, what happened, what helps). Data only."""

Row = tuple[int, str, str]

_NEW_TOKEN = "Make a new system-user token in Meta's business settings and store it on the channel page."
_PERMISSION = "Give the system user the WhatsApp messaging and management permissions and make a new token."
_SLOWER = "The message waits and goes out later by itself; lower the sending rate if this comes back often."
_WAIT = "It is tried again by itself; see Meta's status page if it lasts."
_MEDIA = "Check that the file's address opens without a login and that its type and size are allowed."
_VARIABLES = "Compare the values of this message with the template's variables."
_PIN = "Wait, then register the number again with its right PIN in WhatsApp Manager."
_APPEAL = "Open Meta's Business Support Home, read what was found and ask for a review there."

ROWS: dict[str, tuple[Row, ...]] = {
    "throttled": (
        (4, "The app made too many calls to Meta.", _SLOWER),
        (80007, "The business account made too many calls to Meta.", _SLOWER),
        (80009, "The catalog was called too often.", _SLOWER),
        (80014, "The catalog got too many batches.", _SLOWER),
        (130429, "The number sent faster than Meta lets it.", _SLOWER),
        (131056, "Too many messages went to this customer within a short time.", _SLOWER),
        (132069, "This flow was sent too often within the hour.", "Wait an hour and repair the flow."),
        (136024, "A verification code was asked for too often.", "Wait some hours before asking again."),
    ),
    "transient": (
        (
            -1,
            "Meta could not be reached; the message was not sent.",
            "It is tried again by itself; check the network.",
        ),
        (1, "Meta had an error of its own, or could not read the request.", _WAIT),
        (2, "Meta is overloaded for the moment.", _WAIT),
        (131000, "Meta failed for a reason it does not tell.", _WAIT),
        (131016, "Meta's service is not available for the moment.", _WAIT),
        (131057, "The number is in maintenance, for instance while its speed is raised.", _WAIT),
        (133004, "Meta's registration server is busy.", _WAIT),
        (134101, "The template is still on its way into the marketing service.", "Try again in ten minutes."),
    ),
    "customer": (
        (130497, "The account may not write to this country.", "Leave customers of this country out."),
        (130403, "You blocked this customer.", "Unblock the customer if you want to write again."),
        (
            130472,
            "Meta keeps this customer out of marketing for an experiment.",
            "Use another way to reach them.",
        ),
        (131021, "The message was addressed to your own number.", "Take your own number off the list."),
        (
            131026,
            "This phone cannot get the message: no WhatsApp, an old version, or its terms were not accepted.",
            "Check the number; reach this customer in another way.",
        ),
        (
            131030,
            "This test number may write to listed phones only.",
            "Add the phone to the list in Meta's app page.",
        ),
        (
            131047,
            "More than 24 hours passed since this customer last wrote.",
            "Send a template instead; a free text can go once they write again.",
        ),
        (
            131049,
            "Meta held the message back: this customer got much marketing lately.",
            "Wait at least a day before you try this customer again.",
        ),
        (
            131050,
            "This customer stopped marketing messages from you.",
            "Leave them out until they opt in again.",
        ),
        (
            131062,
            "This message needs a phone number; the customer is known by user id only.",
            "Ask for the number.",
        ),
        (
            137000,
            "This customer's identity changed and was not confirmed.",
            "Confirm the customer's new identity first.",
        ),
    ),
    "payload": (
        (
            100,
            "Meta does not know or allow a value in the request.",
            "Read the details and correct the value.",
        ),
        (803, "Meta knows nothing under this id.", "Check the ids in the settings."),
        (2046, "The order cannot move to this status.", "Look at the order's present status in the chat."),
        (2047, "A paid order cannot be cancelled.", "Refund the payment instead."),
        (131008, "A needed value is missing.", _VARIABLES),
        (131009, "A value is not valid.", _VARIABLES),
        (131051, "Meta does not carry this kind of message.", "Send it as another kind."),
        (131052, "The customer's file could not be fetched.", "Ask the customer to send it again, smaller."),
        (131053, "The picture, video or document could not be used.", _MEDIA),
        (132000, "The number of values differs from the template's variables.", _VARIABLES),
        (132005, "The text became too long with these values.", "Shorten the values or the template."),
        (132008, "A value does not fit the template.", _VARIABLES),
        (132012, "A value has another form than the template wants.", _VARIABLES),
        (132018, "The values do not pass the template's checks.", _VARIABLES),
        (135000, "Meta failed on the values of this message.", _VARIABLES),
        (147001, "Meta refused the change of the username.", "Try another username."),
        (147002, "Meta refused the change of the username.", "Try another username."),
        (147003, "Meta refused the change of the username.", "Try another username."),
        (147004, "Meta refused the change of the username.", "Try another username."),
        (147005, "Meta refused the change of the username.", "Try another username."),
        (
            200005,
            "Template figures are not available for this account.",
            "Confirm template insights in WhatsApp Manager.",
        ),
        (200006, "Template figures cannot be switched off again.", "Leave them on."),
        (200007, "Template figures are not switched on.", "Switch template insights on for the account."),
        (1752041, "The marketing service was already asked for.", "Nothing to do."),
        (2388019, "The account has as many templates as it may have.", "Delete templates you no longer use."),
        (
            2388024,
            "A template of this name and language exists already.",
            "Choose another name or edit that template.",
        ),
        (2388039, "The template cannot be edited now.", "Wait for the review, or a day after the last edit."),
        (2388040, "A field of the template is too long.", "Shorten it."),
        (
            2388047,
            "The template's header is not formatted as Meta wants.",
            "Check its text, variable and sample.",
        ),
        (
            2388072,
            "The template's body is not formatted as Meta wants.",
            "Check its text, variables and samples.",
        ),
        (
            2388073,
            "The template's footer is not formatted as Meta wants.",
            "Check its text; it holds no variables.",
        ),
        (
            2388293,
            "The template has too many variables for its length.",
            "Write more text or use fewer variables.",
        ),
        (2388299, "The template begins or ends with a variable.", "Put words before and after it."),
    ),
    "template": (
        (131055, "The marketing service carries marketing templates only.", "Send it the usual way."),
        (
            131061,
            "This template has a price limit and needs the marketing service.",
            "Switch that on for the channel.",
        ),
        (
            131065,
            "A template with a price limit is not available for this country.",
            "Use a template without one.",
        ),
        (
            132001,
            "The template does not exist in this language or is not approved.",
            "Sync the templates and look at it.",
        ),
        (
            132007,
            "The template's content is against Meta's rules.",
            "Change the template and submit it again.",
        ),
        (
            132015,
            "Meta paused the template because customers disliked it.",
            "Wait for the pause to end, or improve it.",
        ),
        (132016, "Meta switched the template off for good.", "Make a new template with other content."),
        (132068, "The flow in this template is blocked.", "Repair the flow in WhatsApp Manager."),
        (134100, "The marketing service takes only marketing templates.", "Send it the usual way."),
    ),
    "account": (
        (
            33,
            "Meta does not know this phone number id, or it was deleted.",
            "Check the phone number id on the channel page.",
        ),
        (368, "Meta blocked the account for a while, for breaking its rules.", _APPEAL),
        (131031, "Meta locked the account, or its data do not agree.", _APPEAL),
        (
            131037,
            "The number's display name is not approved.",
            "Have a display name approved in WhatsApp Manager.",
        ),
        (
            131042,
            "Meta could not charge for messages.",
            "Check the payment method of the business account at Meta.",
        ),
        (
            131044,
            "Meta could not charge for calls.",
            "Check the payment method of the business account at Meta.",
        ),
        (
            131045,
            "The number is not registered with its certificate.",
            "Register the number in WhatsApp Manager.",
        ),
        (
            131048,
            "Meta limits the number: customers reported or blocked its messages.",
            "Pause, and write to fewer people.",
        ),
        (
            131063,
            "Marketing is switched off on the usual way of sending.",
            "Switch the marketing service on for the channel.",
        ),
        (
            131064,
            "Meta limits the account for templates in a wrong category.",
            "Correct the categories of your templates.",
        ),
        (
            133000,
            "An earlier deregistration of the number failed.",
            "Deregister the number again, then register it.",
        ),
        (133005, "The number's PIN was wrong.", "Check the two-step PIN, or reset it in WhatsApp Manager."),
        (133006, "The number was not verified yet.", "Verify the number by its code, then register it."),
        (133008, "The PIN was tried too often.", _PIN),
        (133009, "The PIN was tried too quickly.", _PIN),
        (133010, "The number is not registered for sending.", "Register the number in WhatsApp Manager."),
        (133015, "The number was deleted a moment ago.", "Wait five minutes, then register it."),
        (133016, "The number was registered too often.", "Wait three days, then register it."),
        (
            134011,
            "The terms of WhatsApp payments were not accepted.",
            "Accept them in Meta's business settings.",
        ),
        (
            134102,
            "The account may not use the marketing service yet.",
            "See its conditions in WhatsApp Manager.",
        ),
    ),
    "auth": (
        (0, "Meta does not accept the access token.", _NEW_TOKEN),
        (3, "The app lacks a capability for this.", _PERMISSION),
        (10, "The permission for this is missing.", _PERMISSION),
        (190, "The access token is no longer valid.", _NEW_TOKEN),
        (131005, "The permission for this is missing.", _PERMISSION),
    ),
    "outcome_unknown": (
        (
            -2,
            "Meta gave no clear answer: the message may have been sent or not.",
            "Wait for its status; then decide between “assume sent” and “send again”.",
        ),
    ),
}

PERMISSION_RANGE = range(200, 300)
PERMISSION_WORDS = ("A permission is missing from the access token.", _PERMISSION)
UNKNOWN_WORDS = ("Look the code up in Meta's list of WhatsApp error codes.", "Read Meta's details beside it.")

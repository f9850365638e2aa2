"""A campaign's states, pauses and reasons as people read them."""

from __future__ import annotations

from dataclasses import dataclass

from app.campaigns.models import CampaignStatus, PauseReason, TargetType, WhenCapped
from app.messaging.models import SkipReason, WaitReason


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was not sent, or not yet: what happened, and what helps."""

    sentence: str
    hint: str


STATUSES = {
    CampaignStatus.DRAFT: "Being prepared. Nobody has been written to.",
    CampaignStatus.POPULATING: "Its recipients are being brought together.",
    CampaignStatus.READY: "Ready. Nobody has been written to.",
    CampaignStatus.SCHEDULED: "Waits for its time.",
    CampaignStatus.SENDING: "Messages are going out.",
    CampaignStatus.PAUSED: "Paused.",
    CampaignStatus.COMPLETED: "Done: everybody was written to or has a reason why not.",
    CampaignStatus.CANCELLED: "Cancelled: whoever was not written to until then will not be.",
    CampaignStatus.FAILED: "It failed.",
}

PAUSES = {
    PauseReason.BY_HAND: Reason(
        "Paused by hand. What was on its way still arrives.", "Resume it when you like; it goes on where it stood."
    ),
    PauseReason.MESSAGING_LIMIT: Reason(
        "The messaging limit of 24 hours is used up.", "It goes on by itself as soon as places are free again."
    ),
    PauseReason.SEND_WINDOW: Reason(
        "Everybody who is left lives where messages may not be sent now.", "It goes on by itself when the hours begin."
    ),
    PauseReason.TEMPLATE_PAUSED: Reason(
        "Meta does not deliver this template now.", "It goes on by itself when Meta approves the template again."
    ),
    PauseReason.ACCOUNT_BLOCKED: Reason(
        "Meta refuses this number or its token.",
        "It goes on by itself as soon as a reading from Meta says that all is well.",
    ),
    PauseReason.TOO_MANY_ERRORS: Reason(
        "Too many messages failed, so the rest was spared.", "Mend what is wrong, then resume it. Nobody is lost."
    ),
}
# In a word, behind "paused".
PAUSED = {
    PauseReason.BY_HAND: "by hand",
    PauseReason.MESSAGING_LIMIT: "messaging limit used up",
    PauseReason.SEND_WINDOW: "outside the hours",
    PauseReason.TEMPLATE_PAUSED: "template stopped by Meta",
    PauseReason.ACCOUNT_BLOCKED: "number or token refused",
    PauseReason.TOO_MANY_ERRORS: "too many errors",
}

WAITS = {
    WaitReason.WINDOW: Reason(
        "It is outside the hours in which they may be written to.", "They get it when the hours begin where they live."
    ),
    WaitReason.CAP: Reason(
        "They got as much marketing as one may get within a week.", "They get it when that week is over."
    ),
    WaitReason.RETRY: Reason("An attempt failed and is made again.", "Nothing to do: see each person's attempts."),
    WaitReason.PAIR: Reason("They got another message a moment ago.", "Meta wants some seconds between the two."),
}
EXHAUSTED = "It was tried as often as the campaign says, in vain."
IN_DOUBT = Reason(
    "Nobody knows whether Meta has it.", "If Meta has it, its status settles this; otherwise somebody decides."
)
ASSUMED = Reason("No news of it ever came; somebody decided that it was sent.", "If news comes after all, it counts.")
CAPPED = {
    WhenCapped.SKIP: "skips whoever got enough within a week",
    WhenCapped.WAIT: "waits until they may get more",
}

SKIPS = {
    SkipReason.OPTED_OUT: Reason("Opted out of marketing messages.", "Only the customer can take that back."),
    SkipReason.NO_CONSENT: Reason("Never agreed to marketing messages.", "Record the consent on the customer's page."),
    SkipReason.US_MARKETING: Reason(
        "Meta does not deliver marketing messages to +1 numbers.", "Use a utility template for real notices."
    ),
    SkipReason.MISSING_VARIABLE: Reason(
        "A variable of the template had no value.", "Give the variable a fallback next time."
    ),
    SkipReason.NO_ADDRESS: Reason("Neither a phone number nor a WhatsApp id.", "Add one on the customer's page."),
    SkipReason.DUPLICATE: Reason(
        "The same customer gets this campaign by another number or id.", "Nothing to do: they are written to once."
    ),
    SkipReason.CANCELLED: Reason("The campaign was cancelled before.", "Copy the campaign to write to them."),
    SkipReason.SUPPRESSED: Reason(
        "This number is on the list of those who get no marketing any more.", "Only the customer can take that back."
    ),
    SkipReason.FREQUENCY_CAP: Reason(
        "They got as much marketing as one may get within a week.",
        "Let the campaign wait for such people next time, or raise the number in the workspace's sending rules.",
    ),
    SkipReason.WINDOW_CLOSED: Reason(
        "They wrote more than 24 hours ago, so only a template may go.", "Send them a template instead."
    ),
}

AUDIENCES = {
    TargetType.ALL: "All customers who opted in",
    TargetType.TAG: "Customers with a tag",
    TargetType.MANUAL: "Picked customers",
    TargetType.IMPORTED: "A CSV file",
    TargetType.SEGMENT: "A segment",
    TargetType.RESPONDERS: "Earlier recipients",
}

PEOPLE = {
    "total": "Everybody",
    "pending": "Pending",
    "waiting": "Waiting",
    "sending": "On their way",
    "unconfirmed": "Unconfirmed",
    "sent": "Sent",
    "delivered": "Delivered",
    "read": "Read",
    "responded": "Responded",
    "clicked": "Tapped",
    "opted_out": "Opted out",
    "failed": "Failed",
    "skipped": "Skipped",
}
EXPLAINED = {
    "total": "Everybody this campaign is for.",
    "pending": "Not written to yet; those who wait for something are among them.",
    "waiting": "Not written to yet, for a reason that passes by itself.",
    "sending": "Handed to Meta at this moment.",
    "unconfirmed": "The connection broke while the message was leaving, so nobody knows whether Meta has it. It is "
    "never sent again by itself. If Meta has it, its status settles this, usually within minutes. Whatever is still "
    "unconfirmed after 15 minutes waits for your decision.",
    "sent": "Accepted by Meta; those delivered and read are among them.",
    "delivered": "Arrived on the customer's phone; those who read it are among them.",
    "read": "Opened by the customer. Who has read receipts off is not counted here.",
    "responded": "Wrote back, tapped a button or ordered.",
    "clicked": "Tapped one of the message's buttons.",
    "opted_out": "Said no to marketing in answer to this message.",
    "failed": "Meta refused it, or could not deliver it.",
    "skipped": "Not sent, for a reason.",
}

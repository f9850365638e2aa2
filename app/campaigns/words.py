"""A campaign's states, pauses and reasons as people read them."""

from __future__ import annotations

from dataclasses import dataclass

from app.campaigns.models import CampaignStatus, PauseReason, TargetType
from app.messaging.models import SkipReason


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was not sent: what happened, and what helps."""

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
    PauseReason.BY_HAND: "Paused by hand. What was on its way still arrives; resume it when you like.",
    PauseReason.MESSAGING_LIMIT: "The messaging limit of 24 hours is used up. It goes on by itself.",
    PauseReason.SEND_WINDOW: "Outside the hours in which messages may be sent. It goes on by itself.",
    PauseReason.TEMPLATE_PAUSED: "Meta does not deliver this template now; see its page. It goes on by itself "
    "when Meta says that it may.",
    PauseReason.ACCOUNT_BLOCKED: "Meta refuses this number or its token; see the channel's page. It goes on by itself "
    "when Meta says that it may.",
    PauseReason.TOO_MANY_ERRORS: "Too many messages failed one after the other. Look at the reasons, then resume.",
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
}

AUDIENCES = {
    TargetType.ALL: "All customers who opted in",
    TargetType.TAG: "Customers with a tag",
    TargetType.MANUAL: "Picked customers",
    TargetType.IMPORTED: "A CSV file",
    TargetType.SEGMENT: "A segment",
    TargetType.RESPONDERS: "Those who responded to another campaign",
}

PEOPLE = {
    "total": "Everybody",
    "pending": "Pending",
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
    "pending": "Not written to yet.",
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

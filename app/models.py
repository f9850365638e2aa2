"""A register of every room's tables, for Alembic and the shell. Only the factory imports it."""

from app.auth.models import ApiToken, AuditEntry, DeviceSession, User, Workspace
from app.campaigns.models import Campaign, CampaignProgress, Recipient, SendingSlot
from app.channels.models import Channel
from app.customers.imports.models import Import, ImportFault
from app.customers.models import ConsentEntry, Customer
from app.customers.privacy.models import Suppression
from app.customers.segments.models import Segment
from app.message_templates.models import MessageTemplate
from app.messaging.models import DailyCounter, LimitContact, LimitGuard, Message, MessageRate
from app.webhooks.models import WebhookEvent

__all__ = [
    "ApiToken",
    "AuditEntry",
    "Campaign",
    "CampaignProgress",
    "Channel",
    "ConsentEntry",
    "Customer",
    "DailyCounter",
    "DeviceSession",
    "Import",
    "ImportFault",
    "LimitContact",
    "LimitGuard",
    "Message",
    "MessageRate",
    "MessageTemplate",
    "Recipient",
    "Segment",
    "SendingSlot",
    "Suppression",
    "User",
    "WebhookEvent",
    "Workspace",
]

"""A person who has left traces in every room, and a search for them in every column of the database."""

from __future__ import annotations

import base64
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ARRAY, Enum, LargeBinary, String, Text, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from app.auth import audit
from app.auth.models import User
from app.campaigns.models import CampaignStatus, Recipient, RecipientState
from app.channels.models import Alert, Severity
from app.customers.imports.models import Import, ImportChange, ImportFault
from app.customers.models import CustomerNote, Sale
from app.customers.service import consent
from app.extensions import db
from app.messaging.models import LimitContact, LimitGuard, Message, MessageState, StrayStatus
from app.shared import clock
from app.storage import files
from app.webhooks.inbox import the_inbox
from tests import factories
from tests.webhooks.digesting import body as envelope
from tests.webhooks.digesting import inbound, status, value

PHONE, USER, NAME, EMAIL = "+919812345678", "IN.13491208655302741918", "Zarina Quux", "zarina@example.org"
DIGITS, NATIONAL = PHONE[1:], PHONE[3:]
SPELLINGS = (PHONE, DIGITS, NATIONAL, "98123 45678", "098123-45678", "+91 98123 45678", USER, NAME, EMAIL)
OTHER = "+919800000077"


def wamid(phone: str, tail: bytes = b"\x15\x02\x00\x11\x18\x12123456789") -> str:
    """As Meta makes them: the receiver's number in base64."""
    raw = bytes((0x1C, 0x18, len(phone) - 1)) + phone[1:].encode() + tail
    return "wamid." + base64.b64encode(raw).decode()


def in_base64(words: str) -> list[str]:
    """What of it can be seen in base64, wherever it begins."""
    coded = [base64.b64encode(b"\0" * n + words.encode()).decode() for n in range(3)]
    return [coded[0][:-4], coded[1][2:-4], coded[2][3:-4]]


def places_of(words: str) -> list[str]:
    """The columns of any table in which these words stand."""
    found = []
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Enum) or not isinstance(column.type, String | JSONB | LargeBinary | ARRAY):
                continue
            is_bytes = isinstance(column.type, LargeBinary)
            text = func.encode(column, "escape") if is_bytes else cast(column, Text)
            if db.session.scalar(select(func.count()).select_from(table).where(func.strpos(text, words) > 0)):
                found.append(f"{table.name}.{column.name}")
    return found


def traces() -> dict[str, list[str]]:
    """Where the person still stands, by the spelling."""
    words = [*SPELLINGS, *in_base64(DIGITS), *in_base64(NATIONAL)]
    return {word: places for word in words if (places := places_of(word))}


def known_everywhere(by: User) -> SimpleNamespace:
    """A customer with something in every room; committed."""
    template = factories.make_template()
    customer = factories.make_customer(
        phone=PHONE, user_id=USER, name=NAME, email=EMAIL, attributes={"whatsapp": DIGITS}, tags=["vip"]
    )
    other = factories.make_customer(phone=OTHER, name="Bina", attributes={"referred_by": PHONE, "code": "A-1"})
    db.session.add(CustomerNote(customer_id=customer.id, body=f"{NAME} rang from 098123-45678", author_id=by.id))
    db.session.add(_sale(customer_id=customer.id, product=f"Bali for {NATIONAL}", external_id=f"BK-{NATIONAL}"))
    consent.record_consent(customer, True, "whatsapp", f"Yes, {NAME}", by, evidence={"wamid": wamid(PHONE)})
    campaign = factories.make_campaign(template, status=CampaignStatus.SENDING)
    sent = _sent(campaign, customer, wamid(PHONE), rank=40)
    waiting = _recipient(campaign, 2, phone=None, user_id=USER, customer_id=customer.id)
    bare = _recipient(factories.make_campaign(template, name="List"), 1, phone=PHONE, variables={"Phone": NATIONAL})
    bina = _recipient(campaign, 3, phone=OTHER, name="Bina", variables={"Friend": "98123 45678", "City": "Goa"})
    _mentions(campaign.channel_id, other.id, sent)
    import_ = _import(f"Name,Phone,City\n{NAME},98123 45678,Goa\nBina,9800000077,Pune\n")
    _faults(import_, customer.id, other.id)
    _events(sent)
    _house(campaign.channel_id, by, customer)
    db.session.commit()
    return SimpleNamespace(
        customer=customer, other=other, campaign=campaign, sent=sent, waiting=waiting, bare=bare, bina=bina,
        import_=import_,
    )  # fmt: skip


def _sale(**columns: Any) -> Sale:
    facts = {"amount": Decimal("52000.50"), "currency": "INR", "category": "Bali", "source": "csv"}
    return Sale(**facts | {"sold_at": clock.now()} | columns)


def _recipient(campaign: Any, position: int, **columns: Any) -> Recipient:
    recipient = Recipient(campaign_id=campaign.id, position=position, **columns)
    db.session.add(recipient)
    db.session.flush()
    return recipient


def _sent(campaign: Any, customer: Any, name: str, rank: int) -> Message:
    message = Message(
        channel_id=campaign.channel_id, customer_id=customer.id, campaign_id=campaign.id, type="template", phone=PHONE,
        body=f"Hi {NAME}", wamid=name, state=MessageState.ACCEPTED, rank=rank, sent_at=clock.now(),
        responded_at=clock.now(), category="MARKETING", error_message=f"was {DIGITS}",
    )  # fmt: skip
    db.session.add(message)
    db.session.flush()
    recipient = _recipient(campaign, 1, phone=PHONE, name=NAME, customer_id=customer.id, variables={"Name": NAME})
    recipient.state, recipient.message_id, message.recipient_id = RecipientState.HANDED, message.id, recipient.id
    db.session.flush()
    return message


def _mentions(channel_id: int, other_id: int, sent: Message) -> None:
    """What others say of them, their own words, a text that waits to be sent, and a number written to before."""
    card = [{"name": {"formatted_name": NAME}, "phones": [{"phone": "+91 98123 45678", "wa_id": DIGITS}]}]
    common = {"channel_id": channel_id, "state": MessageState.RECEIVED, "direction": "in", "sent_at": clock.now()}
    db.session.add_all(
        [
            Message(**common, type="contacts", customer_id=other_id, phone=OTHER, wamid="wamid.other",
                    body=f"Ask {NATIONAL}!", raw={"contacts": card, "type": "contacts"}),
            Message(**common, type="text", customer_id=sent.customer_id, phone=PHONE, wamid=wamid(PHONE, b"in"),
                    body=f"I am {NAME}", raw={"from": DIGITS}, payload={"opted_out": True}, answers_id=sent.id,
                    context_wamid=sent.wamid),
            Message(channel_id=channel_id, type="text", customer_id=sent.customer_id, phone=PHONE, body=f"Hello {NAME}",
                    state=MessageState.CREATED),
            StrayStatus(wamid=wamid(PHONE, b"stray"), rank=30, at=clock.now(), error_message=f"no {PHONE}"),
        ]
    )  # fmt: skip
    db.session.flush()


def _import(content: str) -> Import:
    key = files.save(Import.file_key, BytesIO(content.encode()), ".csv")
    reading = {"encoding": "utf-8-sig", "delimiter": ",", "has_header": True, "columns": ["Name", "Phone", "City"]}
    import_ = Import(file_key=key, file_name=f"{NATIONAL}.csv", bytes_total=len(content), reading=reading)
    db.session.add(import_)
    db.session.flush()
    return import_


def _faults(import_: Import, customer_id: int, other_id: int) -> None:
    rows = ((2, f"{NAME},98123 45678,Goa"), (3, "Bina,12,Pune"))
    db.session.add_all(ImportFault(import_id=import_.id, row_number=n, reason="short", original=o) for n, o in rows)
    for subject_id, before in ((customer_id, {"name": NAME, "phone": PHONE}), (other_id, {"referred_by": PHONE})):
        change = {"import_id": import_.id, "subject": "customer", "subject_id": subject_id, "before": before}
        db.session.add(ImportChange(**change, changed_at=clock.now()))
    db.session.flush()


def _events(sent: Message) -> None:
    """A post about two people, digested; one that nobody can read; one that waits."""
    bina = inbound(sender=OTHER[1:], words=f"\u0930{NATIONAL} is nice")
    zarina = inbound(sender=DIGITS, from_user_id=USER, words=f"{NAME} here")
    people = (("Bina", OTHER[1:]), (NAME, DIGITS))
    contacts = [{"wa_id": number, "profile": {"name": name}} for name, number in people]
    mixed = envelope(value(messages=[bina, zarina], contacts=contacts))
    delivered = value(statuses=[status(sent, "read", clock.now(), recipient_user_id=USER)])
    the_inbox().keep(mixed)
    the_inbox().keep(envelope(delivered))
    the_inbox().keep(f"no json {PHONE} {sent.wamid}".encode(), "The body is no JSON.")
    db.session.flush()


def _house(channel_id: int, by: User, customer: Any) -> None:
    """An alert, the audit log, and a place under the limit."""
    alert = {"channel_id": channel_id, "kind": "x", "subject": DIGITS, "severity": Severity.INFO}
    db.session.add(Alert(**alert, title=f"{PHONE} complains", raised_at=clock.now()))
    audit.record("message.send", customer, by=by, to=PHONE, name="template")
    db.session.add(LimitGuard(portfolio_id="300000000000001", used=2))
    moment = clock.now() - timedelta(hours=1)
    for contact in (PHONE, OTHER):
        place = {"contact": contact, "first_granted_at": moment, "granted_at": moment, "grants": [moment]}
        db.session.add(LimitContact(portfolio_id="300000000000001", **place))
    db.session.flush()

"""Address cards as a message."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.meta.envelope import Payload, at_most, envelope, given, words

MAX_CONTACTS = 257
MAX_NAME = 1024


@dataclass(frozen=True, slots=True)
class ContactCard:
    """A person or a business to be saved in an address book; Meta wants one name part beside the whole name."""

    formatted_name: str
    first_name: str
    last_name: str | None = None
    phones: Sequence[str] = ()
    emails: Sequence[str] = ()
    company: str | None = None


def contacts_message(
    to: str | None,
    contacts: Sequence[ContactCard],
    callback_data: str,
    *,
    reply_to: str | None = None,
    recipient: str | None = None,
) -> Payload:
    """The body of one or more address cards."""
    at_most("contacts", "Contacts in a message", len(contacts), MAX_CONTACTS)
    return envelope("contacts", [_card(contact) for contact in contacts], to, callback_data, recipient, reply_to)


def _card(contact: ContactCard) -> dict[str, object]:
    name = given(
        formatted_name=words("formatted_name", "The contact's name", contact.formatted_name, MAX_NAME),
        first_name=words("first_name", "The contact's first name", contact.first_name, MAX_NAME),
        last_name=contact.last_name,
    )
    card: dict[str, object] = {"name": name}
    if contact.phones:
        card["phones"] = [{"phone": phone} for phone in contact.phones]
    if contact.emails:
        card["emails"] = [{"email": email} for email in contact.emails]
    if contact.company:
        card["org"] = {"company": contact.company}
    return card

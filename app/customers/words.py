"""Facts about customers as people read them."""

from __future__ import annotations

CONSENT_SOURCES = {
    "form": "Noted here",
    "csv": "In a list",
    "api": "By the API",
    "seed": "Sample data",
    "whatsapp": "Wrote on WhatsApp",
    "whatsapp_preferences": "In WhatsApp’s settings",
    "whatsapp_refusal": "Meta says so",
    "merge": "Merged with somebody who said no",
}
SALE_SOURCES = {"form": "entered by hand", "csv": "imported", "api": "by the API", "order": "ordered on WhatsApp"}
# What of a customer points at them, when two become one.
TABLES = {
    "messages": ("message", "messages"),
    "recipients": ("place in a campaign", "places in campaigns"),
    "conversations": ("conversation", "conversations"),
    "sales": ("sale", "sales"),
    "consent_entries": ("answer to marketing", "answers to marketing"),
    "customer_notes": ("note", "notes"),
}


def counted(number: int, one: str, many: str) -> str:
    """A number with what it counts: "1 sale", "12,000 sales"."""
    return f"{number:,} {one if number == 1 else many}"


def table_words(table: str, number: int) -> str:
    """So many rows of a table, in words."""
    one, many = TABLES.get(table, (table.replace("_", " "),) * 2)
    return counted(number, one, many)

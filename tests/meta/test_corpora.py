"""Payloads that another project collected, where its folder stands beside this repository."""

import json
from pathlib import Path

import pytest

from app.meta.payloads import BadItem, account_changes, inbound_messages, kinds, preferences, statuses

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "pywa"
MISSING = f"no payloads beside the repository ({CORPORA.name})"

pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason=MISSING)


def bodies(folder: str) -> dict[str, dict[str, object]]:
    files = sorted((CORPORA / folder).glob("*.json"))
    return {f"{file.stem}.{name}": body for file in files for name, body in json.loads(file.read_text()).items()}


WEBHOOKS = bodies("webhooks")

# What each of them is about, in the receiver's own words.
KINDS = {
    "account_update": (
        "account_deleted account_restriction account_violation ad_account_linked account_disabled partner_added "
        "authentication_international_eligibility mm_api_for_wa_terms_of_service partner_app_installed "
        "partner_app_uninstalled partner_led_business_verification_status partner_removed account_reconnected "
        "partner_removed_wa_app_disconnection primary_business_location_set pricing_tiering_update account_offboarded"
    ),
    "call_connect": "business_initiated=calls user_initiated=calls",
    "call_permission_update": "accept=messages.interactive reject=messages.interactive",
    "call_status": "call_status=calls",
    "call_terminate": "call_terminate=calls",
    "callback_button": (
        "button=messages.interactive quick_reply=messages.button quick_reply_without_context=messages.button"
    ),
    "callback_selection": "callback=messages.interactive description=messages.interactive",
    "deleted_message": "revoke=messages.revoke",
    "edited_message": "image=messages.edit",
    "flow_completion": "completion=messages.interactive without_flow_token=messages.interactive",
    "message": (
        "text=messages.text image=messages.image media_with_url=messages.image video=messages.video "
        "document=messages.document audio=messages.audio voice=messages.audio static_sticker=messages.sticker "
        "animated_sticker=messages.sticker reaction=messages.reaction unreaction_empty=messages.reaction "
        "unreaction_no_emoji=messages.reaction current_location=messages.location chosen_location=messages.location "
        "contacts=messages.contacts order=messages.order unsupported=messages.unsupported "
        "unsupported_with_type=messages.unsupported reply=messages.text forwarded=messages.text "
        "forwarded_many_times=messages.text interactive_message_with_err=messages.interactive+messages.errors "
        "referral=messages.text"
    ),
    "message_status": (
        "sent=messages.statuses delivered=messages.statuses read=messages.statuses played=messages.statuses "
        "failed=messages.statuses with_tracker=messages.statuses group=messages.statuses"
    ),
    "outgoing_message": "text=smb_message_echoes delete=smb_message_echoes edit=smb_message_echoes",
    "system": "phone_number_change=messages.system identity_change=messages.system",
    "template_category_update": "marketing",
    "template_components_update": "element=message_template_components_update",
    "template_quality_update": "yellow=message_template_quality_update",
    "template_status_update": "approved=message_template_status_update rejected=message_template_status_update",
    "user_marketing_preferences": "resume=user_preferences signup=user_preferences",
}
# Which reader finds the fact in it, where that is not told by its beginning.
READERS = {"messages.statuses": statuses, "messages.errors": account_changes, "user_preferences": preferences}


def table() -> dict[str, list[str]]:
    """Each webhook's name and its kinds; one without "=" is of its file's."""
    rows = ((file, *cell.partition("=")) for file, cells in KINDS.items() for cell in cells.split())
    return {f"{file}.{name}": (words or file).split("+") for file, name, _, words in rows}


def test_it_classifies_every_webhook_as_the_table_says():
    assert {name: kinds(body) for name, body in WEBHOOKS.items()} == table()
    assert len(WEBHOOKS) == 74


@pytest.mark.parametrize("name", WEBHOOKS)
def test_it_loses_nothing_of_a_webhook(name):
    bad: list[BadItem] = []
    for kind in table()[name]:
        reader = READERS.get(kind, inbound_messages if kind.startswith("messages.") else account_changes)
        assert len(list(reader(WEBHOOKS[name], bad.append))) == 1
    assert bad == []

"""One valid envelope of each kind that Meta posts, to be spoiled by the fuzz test."""

from __future__ import annotations

from typing import Any

PHONE, USER = "919812345678", "IN.13491208655302741918"
CONTACT = {"profile": {"name": "Asha", "username": "@asha"}, "wa_id": PHONE, "user_id": USER}
METADATA = {"display_phone_number": "15550783881", "phone_number_id": "100000000000001"}
CALLBACK = "01970000-0000-7000-8000-000000000001"
MEDIA = {"id": "1003383421387256", "mime_type": "image/jpeg", "sha256": "wqDDXNvQ=", "caption": "Look"}

ACCOUNT: dict[str, dict[str, Any]] = {
    "message_template_status_update": {
        "event": "PAUSED",
        "message_template_id": 5000001,
        "message_template_name": "goa_monsoon_offer",
        "message_template_language": "en",
        "reason": "NONE",
        "other_info": {"title": "FIRST_PAUSE", "description": "Too many blocks."},
    },
    "message_template_quality_update": {
        "previous_quality_score": "GREEN",
        "new_quality_score": "RED",
        "message_template_id": 5000001,
        "message_template_name": "goa_monsoon_offer",
        "message_template_language": "en",
    },
    "template_category_update": {
        "previous_category": "UTILITY",
        "new_category": "MARKETING",
        "category_update_timestamp": 1790086400,
        "message_template_id": 5000001,
        "message_template_name": "goa_monsoon_offer",
        "message_template_language": "en",
    },
    "message_template_components_update": {
        "message_template_id": 5000001,
        "message_template_name": "goa_monsoon_offer",
        "message_template_language": "en",
        "message_template_element": "Hi {{1}}",
        "message_template_buttons": [{"message_template_button_type": "URL", "message_template_button_text": "Look"}],
    },
    "phone_number_quality_update": {
        "display_phone_number": "15550783881",
        "event": "THROUGHPUT_UPGRADE",
        "max_daily_conversations_per_business": "TIER_10K",
    },
    "phone_number_name_update": {
        "display_phone_number": "15550783881",
        "decision": "REJECTED",
        "requested_verified_name": "Bulbul",
        "rejection_reason": "NONE",
    },
    "business_capability_update": {"max_daily_conversations_per_business": 2000, "max_phone_numbers_per_business": 25},
    "account_update": {
        "event": "ACCOUNT_RESTRICTION",
        "restriction_info": [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1790086400}],
    },
    "account_alerts": {
        "entity_type": "PHONE_NUMBER",
        "entity_id": "100000000000001",
        "alert_info": {
            "alert_severity": "CRITICAL",
            "alert_status": "ACTIVE",
            "alert_type": "X",
            "alert_description": "Y",
        },
    },
    "account_review_update": {"decision": "APPROVED"},
    "security": {"display_phone_number": "15550783881", "event": "PIN_CHANGED", "requester": "1"},
    "user_preferences": {
        "messaging_product": "whatsapp",
        "metadata": METADATA,
        "contacts": [CONTACT],
        "user_preferences": [
            {
                "wa_id": PHONE,
                "user_id": USER,
                "detail": "User requested to stop",
                "category": "marketing_messages",
                "value": "stop",
                "timestamp": 1790000000,
            }
        ],
    },
    "flows": {"event": "FLOW_STATUS_CHANGE", "flow_id": "1", "old_status": "DRAFT", "new_status": "PUBLISHED"},
}
MESSAGES: tuple[dict[str, Any], ...] = (
    {"type": "text", "text": {"body": "STOP"}},
    {"type": "text", "text": {"body": "Is Goa open?"}, "context": {"from": "15550783881", "id": "wamid.ours"}},
    {"type": "button", "button": {"payload": "yes", "text": "Interested"}, "context": {"id": "wamid.ours"}},
    {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "Yes"}}},
    {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "Goa"}}},
    {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"name": "flow", "response_json": "{}"}}},
    {"type": "image", "image": MEDIA},
    {"type": "document", "document": MEDIA | {"filename": "pass.pdf"}},
    {"type": "audio", "audio": {"id": "1", "mime_type": "audio/ogg", "sha256": "x", "voice": True}},
    {"type": "location", "location": {"latitude": 15.49, "longitude": 73.82, "name": "Goa"}},
    {"type": "contacts", "contacts": [{"name": {"formatted_name": "Asha"}, "phones": [{"phone": "+91 98123 45678"}]}]},
    {"type": "reaction", "reaction": {"message_id": "wamid.ours", "emoji": "👍"}},
    {
        "type": "order",
        "order": {
            "catalog_id": "900100",
            "text": "gift wrap",
            "product_items": [{"product_retailer_id": "S1", "quantity": 2, "item_price": 549, "currency": "INR"}],
        },
    },
    {
        "type": "system",
        "system": {"type": "user_changed_number", "wa_id": "919812345679", "user_id": USER},
    },
    {"type": "unsupported", "errors": [{"code": 131051, "title": "Unsupported", "error_data": {"details": "x"}}]},
    {"type": "text", "text": {"body": "hi"}, "referral": {"source_type": "ad", "source_id": "1", "ctwa_clid": "x"}},
)
STATUSES: tuple[dict[str, Any], ...] = (
    {"status": "delivered", "pricing": {"billable": True, "pricing_model": "PMP", "category": "marketing"}},
    {"status": "failed", "errors": [{"code": 131049, "title": "Not delivered", "error_data": {"details": "x"}}]},
    {"status": "failed", "errors": [{"code": 131050, "title": "Stopped marketing"}]},
    {
        "type": "payment",
        "status": "captured",
        "payment": {"reference_id": "1", "amount": {"value": 100, "offset": 100}},
    },
)


def _envelope(field: str, value: dict[str, Any]) -> dict[str, Any]:
    entry = {"id": "200000000000001", "time": 1790000000, "changes": [{"field": field, "value": value}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def _of_messages(**parts: Any) -> dict[str, Any]:
    return _envelope("messages", {"messaging_product": "whatsapp", "metadata": METADATA, "contacts": [CONTACT]} | parts)


def _incoming(number: int, item: dict[str, Any]) -> dict[str, Any]:
    sender = {"from": PHONE, "from_user_id": USER, "id": f"wamid.in{number}", "timestamp": "1790000000"}
    return _of_messages(messages=[sender | item])


def _status(item: dict[str, Any]) -> dict[str, Any]:
    of = {"id": "wamid.ours", "timestamp": "1790000100", "recipient_id": PHONE, "biz_opaque_callback_data": CALLBACK}
    return _of_messages(statuses=[of | item])


ENVELOPES: tuple[dict[str, Any], ...] = (
    *(_incoming(number, item) for number, item in enumerate(MESSAGES)),
    *map(_status, STATUSES),
    _of_messages(errors=[{"code": 130429, "title": "Rate limit hit"}]),
    _of_messages(user_actions=[{"timestamp": "1790000000", "action_type": "marketing_messages_link_click"}]),
    *(_envelope(field, value) for field, value in ACCOUNT.items()),
)

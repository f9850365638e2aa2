"""Message templates kept at Meta, under the WhatsApp business account."""

from collections.abc import Iterator

from app.meta.transport import Transport

FIELDS = (
    "id,name,status,category,language,components,parameter_format,quality_score,rejected_reason,"
    "previous_category,correct_category,sub_category,last_updated_time"
)
PAGE = 100


def list_templates(transport: Transport, waba_id: str) -> Iterator[dict[str, object]]:
    """Every template of the account as Meta describes it, page by page while you read."""
    params: dict[str, str | int] = {"fields": FIELDS, "limit": PAGE}
    return (dict(item) for item in transport.get_items(f"{waba_id}/message_templates", params))

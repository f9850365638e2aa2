"""Message templates kept at Meta, under the WhatsApp business account."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.meta.errors import OutcomeUnknown
from app.meta.foreign import text
from app.meta.outcome import require_success
from app.meta.transport import Transport

FIELDS = (
    "id,name,status,category,language,components,parameter_format,quality_score,rejected_reason,"
    "previous_category,correct_category,sub_category,last_updated_time"
)
PAGE = 100

# An approved template can be edited once in 24 hours and ten times in 30 days.
EDITABLE = ("APPROVED", "REJECTED", "PAUSED")


@dataclass(frozen=True, slots=True)
class Submitted:
    """What Meta made of a new template; its category may differ from the one asked for."""

    id: str
    status: str
    category: str | None


def list_templates(transport: Transport, waba_id: str) -> Iterator[dict[str, object]]:
    """Every template of the account as Meta describes it, page by page while you read."""
    params: dict[str, str | int] = {"fields": FIELDS, "limit": PAGE}
    return (dict(item) for item in transport.get_items(f"{waba_id}/message_templates", params))


def read_template(transport: Transport, template_id: str) -> dict[str, object]:
    """One template as Meta describes it."""
    return transport.get(template_id, {"fields": FIELDS})


def create_template(transport: Transport, waba_id: str, definition: Mapping[str, object]) -> Submitted:
    """Submit a new template for review. `definition` is what `template_rules.check` looks at.

    After OutcomeUnknown it may exist: read the list before submitting it again.
    """
    answer = transport.post(f"{waba_id}/message_templates", definition)
    template_id = text(answer.get("id"))
    if template_id is None:
        raise OutcomeUnknown("an answer without a template id", 200)
    return Submitted(template_id, text(answer.get("status")) or "PENDING", text(answer.get("category")))


def edit_template(transport: Transport, template_id: str, changes: Mapping[str, object]) -> None:
    """Submit changes (category, components, message_send_ttl_seconds) to an EDITABLE template; it is reviewed again."""
    require_success(transport.post(template_id, changes))


def delete_templates(transport: Transport, waba_id: str, name: str) -> None:
    """Delete the template in all its languages; its name stays taken for 30 days if it was approved."""
    require_success(transport.delete(f"{waba_id}/message_templates", {"name": name}))


def delete_template(transport: Transport, waba_id: str, name: str, template_id: str) -> None:
    """Delete the template in one language only."""
    require_success(transport.delete(f"{waba_id}/message_templates", {"name": name, "hsm_id": template_id}))


def unpause_template(transport: Transport, template_id: str) -> str | None:
    """Ask Meta to let a paused template be sent again; None when it is, else Meta's reason why not."""
    answer = transport.post(f"{template_id}/unpause", {})
    if answer.get("success") is True:
        return None
    return text(answer.get("reason")) or "Meta keeps the template paused and does not say why."

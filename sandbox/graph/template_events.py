"""News of a template, as the webhook tells them."""

import time
from typing import Any

from sandbox.aftermath import happen
from sandbox.stage import Stage
from sandbox.world.message_template import Template


def tell(stage: Stage, template: Template, **more: Any) -> None:
    """Tell the template's present status; `more` is what Meta adds to it."""
    value = {
        "event": template.status,
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
        "message_template_category": template.category,
        "reason": template.rejected_reason,
    }
    line = {
        "k": "event",
        "field": "message_template_status_update",
        "value": value | more,
        "at": time.time(),
    }
    happen((stage.store.record(line), 0), stage)

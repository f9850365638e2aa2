"""Message templates: list, show, create, edit, delete; and Meta's review of them."""

import json
import time
from datetime import UTC, datetime
from typing import Any

from sandbox.aftermath import happen
from sandbox.errors import GraphError
from sandbox.graph.call import Call
from sandbox.graph.fields import project
from sandbox.graph.paging import page_of
from sandbox.ids import new_node_id
from sandbox.stage import Stage
from sandbox.validation.template_definition import (
    DUPLICATE,
    check_category,
    check_components,
    check_head,
    refusal,
)
from sandbox.world.message_template import Template

USUAL = ("name", "parameter_format", "components", "language", "status", "category", "id")
KNOWN = tuple(Template.__dataclass_fields__) + ("cta_url_link_tracking_opted_out", "library_template_name")
EDITABLE = ("APPROVED", "REJECTED", "PAUSED")
REVIEW_SECONDS = 2.0
FILTERS = ("status", "category", "language")


async def listing(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{account id}/message_templates with filters, fields and cursors."""
    found = [one.as_node() for one in stage.world.templates.values() if _fits(one, call.params)]
    return page_of([_shown(one, call) for one in found], call)


async def show(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{template id}."""
    return _shown(stage.world.templates[node].as_node(), call)


async def create(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{account id}/message_templates: pending, and decided a moment later."""
    given = call.params
    name, language = given.get("name"), given.get("language")
    check_head(name, language, given.get("category"))
    named = str(given.get("parameter_format", "POSITIONAL")).upper() == "NAMED"
    check_components(given.get("components"), given["category"], named)
    if stage.world.template_of(str(name), str(language)):
        details = f"There is already {language} content for the template {name}."
        raise refusal(details, DUPLICATE, "Content in this language already exists")
    template = Template(
        id=new_node_id(),
        name=str(name),
        language=str(language),
        category=given["category"],
        components=given["components"],
        parameter_format="NAMED" if named else "POSITIONAL",
        sub_category=given.get("sub_category"),
        message_send_ttl_seconds=given.get("message_send_ttl_seconds"),
    )
    stage.world.templates[template.id] = template
    _submit(stage, template)
    return {"id": template.id, "status": template.status, "category": template.category}


async def edit(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{template id}: other components or category, reviewed again."""
    template = stage.world.templates[node]
    if template.status not in EDITABLE:
        raise refusal("Only an approved, rejected or paused template can be edited.", 2388039)
    category = call.params.get("category", template.category)
    check_category(category)
    if "components" in call.params:
        check_components(call.params["components"], category, template.is_named)
        template.rewrite(call.params["components"])
    template.category = category
    _submit(stage, template)
    return {"success": True}


async def remove(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """DELETE /{account id}/message_templates?name=[&hsm_id=] or ?hsm_ids=[…]."""
    name, hsm_id = call.params.get("name"), call.params.get("hsm_id")
    ids = set(_any_of(call.params.get("hsm_ids")))
    if not name and not ids:
        raise GraphError(100, message="(#100) The parameter name is required.")
    for template in list(stage.world.templates.values()):
        if template.id in ids or (template.name == name and hsm_id in (None, template.id)):
            ids.add(template.id)
    gone = [stage.world.templates.pop(one, None) for one in ids]
    if not any(gone):
        raise refusal("The message template does not exist.", 2593002, "Message Template Not Found")
    stage.store.changed()
    return {"success": True}


def resume_reviews(stage: Stage) -> None:
    """After a restart: go on with the reviews that were under way."""
    for template in stage.world.templates.values():
        if template.review_at is not None:
            stage.agenda.at(template.review_at, _decide, stage, template)


def _submit(stage: Stage, template: Template) -> None:
    template.status, template.rejected_reason = "PENDING", "NONE"
    template.last_updated_time = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
    template.review_at = time.time() + REVIEW_SECONDS
    stage.agenda.at(template.review_at, _decide, stage, template)
    stage.store.changed()


def _decide(stage: Stage, template: Template) -> None:
    """Approve, unless the name asks for something else: `…_rejected` is refused, `…_pending` waits."""
    template.review_at = None
    stage.store.changed()
    if template.id not in stage.world.templates or template.name.endswith("_pending"):
        return
    is_bad = template.name.endswith("_rejected")
    template.status = "REJECTED" if is_bad else "APPROVED"
    template.rejected_reason = "INVALID_FORMAT" if is_bad else "NONE"
    value = {
        "event": template.status,
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language,
        "message_template_category": template.category,
        "reason": template.rejected_reason,
    }
    line = {"k": "event", "field": "message_template_status_update", "value": value, "at": time.time()}
    happen((stage.store.record(line), 0), stage)


def _shown(node: dict[str, Any], call: Call) -> dict[str, Any]:
    node = {name: value for name, value in node.items() if name != "review_at"}
    return project(node, call.params.get("fields"), USUAL, KNOWN, "WhatsAppMessageTemplate")


def _fits(template: Template, wanted: dict[str, Any]) -> bool:
    facts = {name: getattr(template, name) for name in FILTERS}
    facts["quality_score"] = template.quality_score["score"]
    if any(wanted.get(name) and fact not in _any_of(wanted[name]) for name, fact in facts.items()):
        return False
    words = json.dumps(template.components, ensure_ascii=False).casefold()
    texts = {"name": template.name, "content": words, "name_or_content": f"{template.name} {words}"}
    return all(str(wanted.get(name, "")).casefold() in text for name, text in texts.items())


def _any_of(value: Any) -> list[str]:
    """A filter is one value, a list, or a list written as JSON or with commas."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            raise GraphError(100, message="(#100) The filter is not valid JSON.") from None
    if isinstance(value, list):
        return [str(one) for one in value]
    return str(value).split(",") if value else []

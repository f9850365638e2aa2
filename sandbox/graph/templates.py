"""Message templates: list, show, create, edit, unpause, delete; and Meta's review of them."""

import json
import time
from datetime import UTC, datetime
from typing import Any

from sandbox.errors import GraphError
from sandbox.graph.call import Call
from sandbox.graph.fields import project
from sandbox.graph.known_fields import TEMPLATE
from sandbox.graph.lists import any_of
from sandbox.graph.paging import page_of
from sandbox.graph.template_events import tell
from sandbox.graph.template_quality import unpause as end_pause
from sandbox.ids import new_node_id
from sandbox.limits import DAY
from sandbox.stage import Stage
from sandbox.validation.template_definition import (
    check_category,
    check_components,
    check_head,
    check_lifetime,
    is_named,
)
from sandbox.validation.template_forms import worded
from sandbox.validation.template_refusal import refusal
from sandbox.world.message_template import Template

USUAL = ("name", "parameter_format", "components", "language", "status", "category", "id")
EDITABLE = ("APPROVED", "REJECTED", "PAUSED")
FILTERS = ("status", "category", "language")
NAME_BLOCKED = 30 * DAY
MOST_EDITS = ((1, DAY), (10, 30 * DAY))  # of an approved template: how many in how long
MOST_IDS = 100
NOT_EDITABLE, NAME_IN_USE, NAME_BEING_DELETED, TOO_MANY, NOT_FOUND = 2388039, 2388024, 2388023, 2388019, 2593002


async def listing(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{account id}/message_templates with filters, fields and cursors."""
    found = [one.as_node() for one in stage.world.templates.values() if _fits(one, call.params)]
    answer = page_of([_shown(one, call) for one in found], call)
    if call.params.get("summary"):
        answer["summary"] = {
            "total_count": len(found),
            "message_template_count": len(stage.world.templates),
            "message_template_limit": stage.tuning.management.most_templates,
            "are_translations_complete": False,
        }
    return answer


async def show(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{template id}."""
    return _shown(stage.world.templates[node].as_node(), call)


async def create(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{account id}/message_templates: pending, and decided a moment later."""
    given = call.params
    name, language, category = given.get("name"), given.get("language"), given.get("category")
    check_head(name, language, category)
    named = is_named(given.get("parameter_format"))
    check_lifetime(given.get("message_send_ttl_seconds"), given["category"])
    check_components(given.get("components"), given["category"], named, stage.world)
    _check_room(stage, str(name), str(language))
    lifetime = given.get("message_send_ttl_seconds")
    template = Template(
        id=new_node_id(),
        name=str(name),
        language=str(language),
        category=given["category"],
        components=_worded(given["components"], given["category"]),
        parameter_format="NAMED" if named else "POSITIONAL",
        sub_category=given.get("sub_category"),
        message_send_ttl_seconds=None if lifetime is None else int(lifetime),
        cta_url_link_tracking_opted_out=given.get("cta_url_link_tracking_opted_out"),
    )
    stage.world.templates[template.id] = template
    _submit(stage, template)
    return {"id": template.id, "status": template.status, "category": template.category}


async def edit(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{template id}: other components, category or lifetime, reviewed again."""
    template, given = stage.world.templates[node], call.params
    if template.status not in EDITABLE:
        raise refusal("Only an approved, rejected or paused template can be edited.", NOT_EDITABLE)
    category = given.get("category", template.category)
    check_category(category)
    if category != template.category and template.status == "APPROVED":
        raise refusal("The category of an approved template cannot be edited.", NOT_EDITABLE)
    check_lifetime(given.get("message_send_ttl_seconds"), category)
    if "components" in given:
        check_components(given["components"], category, template.is_named, stage.world)
    _spend_edit(template)
    if "components" in given:
        template.rewrite(_worded(given["components"], category))
    if given.get("message_send_ttl_seconds") is not None:
        template.message_send_ttl_seconds = int(given["message_send_ttl_seconds"])
    template.category = category
    _submit(stage, template)
    return {"success": True}


async def unpause(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{template id}/unpause."""
    template = stage.world.templates[node]
    if template.status != "PAUSED":
        raise GraphError(100, message="(#100) Only a paused template can be unpaused.")
    end_pause(stage, template)
    return {"success": True}


async def remove(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """DELETE /{account id}/message_templates?name=[&hsm_id=] or ?hsm_ids=[…]."""
    name, hsm_id = call.params.get("name"), call.params.get("hsm_id")
    ids = set(any_of(call.params.get("hsm_ids")))
    if not name and not ids:
        raise GraphError(100, message="(#100) The parameter name is required.")
    if len(ids) > MOST_IDS:
        raise GraphError(100, message=f"(#100) Param hsm_ids may hold at most {MOST_IDS} ids.")
    gone = [
        template
        for template in stage.world.templates.values()
        if template.id in ids or (name and template.name == name and hsm_id in (None, template.id))
    ]
    if not gone:
        raise refusal("The message template does not exist.", NOT_FOUND)
    for template in gone:
        del stage.world.templates[template.id]
        if template.status in ("APPROVED", "PAUSED", "DISABLED"):
            stage.world.blocked_names["/".join(template.key)] = time.time() + NAME_BLOCKED
    stage.store.changed()
    return {"success": True}


def resume_reviews(stage: Stage) -> None:
    """After a restart: go on with the reviews that were under way."""
    for template in stage.world.templates.values():
        if template.review_at is not None:
            stage.agenda.at(template.review_at, _decide, stage, template, template.review_at)


def _check_room(stage: Stage, name: str, language: str) -> None:
    world, most = stage.world, stage.tuning.management.most_templates
    if world.template_of(name, language):
        raise refusal(f"There is already {language} content for the template {name}.", NAME_IN_USE)
    if world.blocked_names.get(f"{name}/{language}", 0.0) > time.time():
        raise refusal(f"New {language} content for {name} cannot be added within 4 weeks.", NAME_BEING_DELETED)
    if 0 < most <= len(world.templates):
        raise refusal(f"This WhatsApp business account has {most} templates, and may have no more.", TOO_MANY)


def _spend_edit(template: Template) -> None:
    """An approved template may be edited so often; others as one likes."""
    if template.status != "APPROVED":
        return
    now = time.time()
    for most, span in MOST_EDITS:
        if sum(at > now - span for at in template.edits) >= most:
            raise refusal(f"An approved template can be edited {most} times in {span // DAY:.0f} days.", NOT_EDITABLE)
    template.edits = [*template.edits, now]


def _worded(components: list[dict[str, Any]], category: str) -> list[dict[str, Any]]:
    return worded(components) if category == "AUTHENTICATION" else components


def _submit(stage: Stage, template: Template) -> None:
    template.status, template.rejected_reason = "PENDING", "NONE"
    template.last_updated_time = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
    template.review_at = time.time() + stage.tuning.reviews.template_ms / 1000
    stage.agenda.at(template.review_at, _decide, stage, template, template.review_at)
    stage.store.changed()


def _decide(stage: Stage, template: Template, moment: float) -> None:
    """Approve, unless the name asks for something else: `…_rejected` is refused, `…_pending` waits."""
    if stage.world.templates.get(template.id) is not template or template.review_at != moment:
        return
    template.review_at = None
    stage.store.changed()
    if template.name.endswith("_pending"):
        return
    is_bad = template.name.endswith("_rejected")
    template.status = "REJECTED" if is_bad else "APPROVED"
    template.rejected_reason = "INVALID_FORMAT" if is_bad else "NONE"
    tell(stage, template)


def _shown(node: dict[str, Any], call: Call) -> dict[str, Any]:
    return project(node, call.params.get("fields"), USUAL, TEMPLATE, "WhatsAppMessageTemplate")


def _fits(template: Template, wanted: dict[str, Any]) -> bool:
    facts = {name: getattr(template, name) for name in FILTERS}
    facts["quality_score"] = template.quality_score["score"]
    if any(wanted.get(name) and fact not in any_of(wanted[name]) for name, fact in facts.items()):
        return False
    words = json.dumps(template.components, ensure_ascii=False).casefold()
    texts = {"name": template.name, "content": words, "name_or_content": f"{template.name} {words}"}
    return all(str(wanted.get(name, "")).casefold() in text for name, text in texts.items())

"""How Meta watches a template: paused for a while after too much of it or too many blocks, the third time for ever."""

import random
import time

from sandbox.graph.template_events import tell
from sandbox.stage import Stage
from sandbox.world.message_template import Template

MOST_PAUSES = 2
TITLES = ("FIRST_PAUSE", "SECOND_PAUSE")


def mind(stage: Stage, template: Template) -> None:
    """Count a send of this template, and perhaps a customer who blocks because of it."""
    tuning = stage.tuning.quality
    template.sends += 1
    template.blocks += random.random() < tuning.block_rate
    is_too_much = 0 < tuning.pause_after_sends <= template.sends
    is_unloved = 0 < tuning.pause_after_blocks <= template.blocks
    if is_too_much or is_unloved:
        _pause(stage, template)


def resume_pauses(stage: Stage) -> None:
    """After a restart: pauses end when they were to."""
    for template in stage.world.templates.values():
        if template.resume_at is not None:
            stage.agenda.at(template.resume_at, _resume, stage, template, template.resume_at)


def unpause(stage: Stage, template: Template) -> None:
    """End a pause, by itself or by hand."""
    template.status, template.resume_at = "APPROVED", None
    tell(stage, template, other_info={"title": "UNPAUSE", "description": "The template can be sent again."})
    stage.store.changed()


def _pause(stage: Stage, template: Template) -> None:
    template.sends = template.blocks = 0
    template.pauses += 1
    template.quality_score = {"score": "RED", "date": int(time.time())}
    if template.pauses > MOST_PAUSES:
        template.status = "DISABLED"
        tell(stage, template, other_info={"title": "DISABLED", "description": "The template was paused too often."})
    else:
        template.status = "PAUSED"
        template.resume_at = time.time() + template.pauses * stage.tuning.quality.pause_ms / 1000
        stage.agenda.at(template.resume_at, _resume, stage, template, template.resume_at)
        description = "The template's quality is too low; it will be unpaused by itself."
        tell(stage, template, other_info={"title": TITLES[template.pauses - 1], "description": description})
    stage.store.changed()


def _resume(stage: Stage, template: Template, moment: float) -> None:
    is_there = stage.world.templates.get(template.id) is template
    if is_there and template.status == "PAUSED" and template.resume_at == moment:
        unpause(stage, template)

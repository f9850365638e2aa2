"""The import wizard's steps: which are finished, which may be opened, and the page of one."""

from __future__ import annotations

from dataclasses import dataclass

from app.customers.imports.models import Import, ImportStatus


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the wizard; `endpoint` is its page. `wanted` says what is missing while it is not finished."""

    key: str
    title: str
    endpoint: str
    wanted: str = ""


STEPS = (
    Step("reading", "File", "customers.import_reading"),
    Step("columns", "Columns", "customers.import_columns", "Say first what the columns become."),
    Step("rules", "Rules", "customers.import_rules", "Choose the rules first."),
    Step("check", "Check", "customers.import_check"),
)
ORDER = {step.key: number for number, step in enumerate(STEPS)}


@dataclass(frozen=True, slots=True)
class Mark:
    """A step as the stepper shows it."""

    step: Step
    is_current: bool
    is_done: bool
    is_open: bool


def first_open(import_: Import) -> Step:
    """The step to go on with: the first that is not finished."""
    if import_.status is ImportStatus.CHECKING or import_.findings is not None:
        return STEPS[3]
    if not import_.mapping:
        return STEPS[0]
    return STEPS[3] if import_.rules else STEPS[2]


def missing_before(import_: Import, key: str) -> Step | None:
    """The step that must be finished before this one may be opened; None when it may."""
    done = {"reading": True, "columns": bool(import_.mapping), "rules": bool(import_.rules)}
    return next((step for step in STEPS[: ORDER[key]] if not done[step.key]), None)


def trail(import_: Import, current: str) -> list[Mark]:
    """All steps, as seen from the current one."""
    return [
        Mark(step, step.key == current, ORDER[step.key] < ORDER[current], missing_before(import_, step.key) is None)
        for step in STEPS
    ]


def before(key: str) -> Step | None:
    """The step that goes before; None for the first."""
    return STEPS[ORDER[key] - 1] if ORDER[key] else None

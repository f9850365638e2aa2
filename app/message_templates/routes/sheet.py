"""The builder's form as it stands: what is typed, what Meta would say to it, how it would look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.message_templates import drafts, forms, samples
from app.meta import template_limits
from app.meta.components import RenderedTemplate, compile_template
from app.meta.template_limits import Problem
from app.meta.template_rules import advise

# What is merely not there yet is no reproach until somebody wants to hand it in.
UNFINISHED = ("required", "sample_missing")
INPUTS = ("name", "text", "url", "sample", "phone_number")


@dataclass(frozen=True, slots=True)
class Sheet:
    """`faults` are problems that no rule of Meta's knows: a file that was refused, Meta's own answer."""

    fields: forms.Fields
    sample_key: str | None = None
    faults: Sequence[Problem] = ()
    is_tried: bool = False

    def after(self, deed: str) -> Sheet:
        """The sheet after a button of its form was pressed."""
        key = None if deed == "unsample" else self.sample_key
        return replace(self, fields=forms.rearranged(self.fields, deed), sample_key=key)

    def tried(self) -> Sheet:
        """The sheet after somebody wanted to hand it in: now what is missing is shown too."""
        return replace(self, is_tried=True)

    def refused(self, problem: Problem) -> Sheet:
        """The sheet with one more problem."""
        return replace(self, faults=[*self.faults, problem])

    def definition(self) -> dict[str, Any]:
        """What Meta is to be told."""
        return forms.definition_of(self.fields)

    def problems(self) -> list[Problem]:
        """All that is wrong, in reading order."""
        return [*self.faults, *drafts.problems(self.definition(), self.sample())]

    def sample(self) -> str | None:
        """The key of the kept sample, unless that was for another kind of header."""
        key, form = self.sample_key, self.fields.get("header.format", "")
        return key if key and samples.fits(key, form) else None

    def preview(self) -> RenderedTemplate:
        """The template as its customer sees it, with its samples."""
        compiled = compile_template(self.definition()["components"], self.fields.get("parameter_format"))
        return compiled.render({variable.key: variable.sample or "" for variable in compiled.variables})

    def facts(self) -> dict[str, Any]:
        """What the page shows."""
        problems, at = self.problems(), {}
        shown = [problem for problem in problems if self._is_shown(problem)]
        for slot in forms.slots(self.fields):
            at[slot] = [problem.sentence for problem in shown if problem.field == slot]
        return {
            "fields": self.fields,
            "buttons": forms.buttons_of(self.fields),
            "variables": {part: forms.variables_of(self.fields, part) for part in ("header", "body")},
            "problems": problems,
            "problems_at": at,
            "advice": advise(self.definition()),
            "is_tried": self.is_tried,
            "preview": self.preview(),
            "sample_key": self.sample(),
            "sample_ticket": samples.ticket(self.sample_key) if self.sample_key else "",
            "sample_url": samples.address(self.sample()),
            "limits": template_limits,
            "forms": forms,
            "takes": samples.TAKES,
        }

    def _is_shown(self, problem: Problem) -> bool:
        if self.is_tried or problem in self.faults:
            return True
        is_input = problem.field.rpartition(".")[2] in INPUTS
        is_empty = is_input and not self.fields.get(problem.field, "").strip()
        return problem.code not in UNFINISHED and not is_empty

"""The settings page: every knob of the tuning as a form, live."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from aiohttp import web

from sandbox.page.rendering import back_to, page
from sandbox.stage import STAGE, Stage
from sandbox.tuning import BadTuning, Tuning

NAMES = {
    "pair_rate": "Pair rate (seconds between two messages)",
    "throughput_mps": "Throughput (messages a second)",
    "messaging_limit": "Messaging limit (customers a day)",
    "fail_with": "Fail every call with (error code)",
    "http_500_rate": "HTTP 500 (share, 0 to 1)",
    "url": "Address",
    "webhook_url": "Address",
}


@dataclass(frozen=True)
class Knob:
    """One setting. `kind` is the type of its field: checkbox, number or text."""

    path: str
    label: str
    kind: str
    value: Any

    @property
    def shown(self) -> str:
        """The value as a person writes it."""
        return f"{self.value:g}" if isinstance(self.value, float) else str(self.value)


async def show(request: web.Request) -> web.Response:
    """All knobs as they are."""
    return _page(request, {}, "")


async def change(request: web.Request) -> web.Response:
    """Turn the knobs of one group; a bad value is shown beside its field and changes nothing."""
    stage, form = request.app[STAGE], await request.post()
    typed = {name: str(form.getall(name)[-1]).strip() for name in form}  # a ticked box comes after its "off"
    try:
        stage.tuning.change(_changes(stage.tuning, typed))
    except BadTuning as refusal:
        return _page(request, typed, str(refusal))
    stage.store.changed()
    raise back_to("/settings", note="Saved. It holds from now on.")


async def reset(request: web.Request) -> web.Response:
    """Forget everything."""
    request.app[STAGE].forget()
    raise back_to("/settings", note="Everything is forgotten. This is the first day.")


def groups(tuning: Tuning) -> Iterator[tuple[str, str, list[Knob]]]:
    """Name, explanation and knobs of each group; the plain ones first."""
    plain = [_knob("", one.name, tuning) for one in fields(tuning) if not is_dataclass(getattr(tuning, one.name))]
    yield "Pace and limits", _explanation(tuning), plain
    for one in fields(tuning):
        part = getattr(tuning, one.name)
        if is_dataclass(part):
            knobs = [_knob(one.name + ".", inner.name, part) for inner in fields(part)]
            yield one.name.replace("_", " ").capitalize(), _explanation(part), knobs


def _explanation(part: Any) -> str:
    return " ".join((part.__doc__ or "").replace("`", "").split())


def _knob(prefix: str, name: str, part: Any) -> Knob:
    value = getattr(part, name)
    kind = "checkbox" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"
    return Knob(prefix + name, _label(name), kind, value)


def _label(name: str) -> str:
    if name in NAMES:
        return NAMES[name]
    words = name.removesuffix("_ms").removesuffix("_rate").replace("_", " ").capitalize()
    if name.endswith("_ms"):
        return words + " (milliseconds)"
    return words + " (share, 0 to 1)" if name.endswith("_rate") else words


def _changes(tuning: Tuning, typed: dict[str, str]) -> dict[str, Any]:
    """A partial tuning out of the form's texts; what is no number stays a text and is refused as such."""
    changes: dict[str, Any] = {}
    for path, text in typed.items():
        group, _, name = path.rpartition(".")
        present = getattr(getattr(tuning, group, None) if group else tuning, name, None)
        inner = changes.setdefault(group, {}) if group else changes
        inner[name] = _read(text, present)
    return changes


def _read(text: str, present: Any) -> Any:
    if isinstance(present, bool):
        return text == "on"
    if isinstance(present, str):
        return text
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        return text


def _page(request: web.Request, typed: dict[str, str], error: str) -> web.Response:
    stage: Stage = request.app[STAGE]
    shown = {"groups": list(groups(stage.tuning)), "typed": typed, "counts": stage.world.counts}
    told = {"bad": error.split(" ", 1)[0], "error": error} if error else {"bad": ""}
    return page("settings.html", request, stage, status=400 if error else 200, **shown, **told)

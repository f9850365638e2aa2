"""Whether what is said of a template's variables can be used in its place, before anybody is skipped for it.

The template itself is the judge: it is built of what is fixed, and of stand-ins for what each recipient brings.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.campaigns import variables
from app.meta.components import CompiledTemplate, MissingValue
from app.meta.parameters import unix_milliseconds
from app.meta.placeholders import clean
from app.shared.errors import Invalid

# By kind: a value that the template takes where the recipient's own is not known yet. Any word does for the others.
STAND_INS = {
    **dict.fromkeys(("image", "video", "document"), "https://example.com/file"),
    **dict.fromkeys(("latitude", "longitude"), "0"),
    "expiration": "2099-12-31T00:00:00Z",
    "sections": "SKU",
}
# Meta refuses the message whose value is longer.
LONGEST = {"coupon_code": 20, "payload": 256, "product": 100}
FALLBACK = ".fallback"

Faults = Mapping[str, str]


def faults(template: CompiledTemplate, mapping: variables.Mapping_, starts_at: datetime | None = None) -> Faults:
    """Why values are of no use, as sentences: by the variable's key, and by "<key>.fallback" for its fallback.

    A variable that must have a value and has none is at fault too, also one of a card that was only begun.
    `starts_at` is when the first message leaves, for what must not have ended by then; None is now.
    """
    kinds = variables.kinds_of(template)
    stand_ins = {key: STAND_INS.get(kinds.get(key, ""), "x") for key in {*kinds, *mapping}}
    brought = {key: stand_ins[key] for key in mapping}
    fixed = {key: words for key, rule in mapping.items() if (words := variables.fixed(rule)) is not None}
    spare = {key: rule["fallback"] for key, rule in mapping.items() if clean(rule.get("fallback"))}
    found = _unusable(template, brought | fixed, stand_ins) | _early(kinds, fixed, starts_at) | _long(kinds, fixed)
    found_spare = _unusable(template, brought | spare, stand_ins) | _early(kinds, spare, starts_at)
    found_spare |= _long(kinds, spare)
    return found | {f"{key}{FALLBACK}": words for key, words in found_spare.items() if key in spare}


def require(
    template: CompiledTemplate, mapping: variables.Mapping_, starts_at: datetime | None = None, field: str = ""
) -> None:
    """Raises `Invalid` at the first value that is of no use; `field` goes before its name."""
    for name, sentence in faults(template, mapping, starts_at).items():
        raise Invalid(sentence, f"{field}{name}")


def of_what_is_said(found: Faults, template: CompiledTemplate, mapping: variables.Mapping_) -> dict[str, str]:
    """Without the variables that nobody has spoken of yet: those are gaps, not faults."""
    silent = set(variables.missing(template.variables, mapping))
    return {name: sentence for name, sentence in found.items() if name not in silent}


def _unusable(template: CompiledTemplate, values: Mapping[str, str], stand_ins: Mapping[str, str]) -> dict[str, str]:
    """What the template refuses; each is replaced by its stand-in to come to the next."""
    found: dict[str, str] = {}
    while gap := _refused(template, values):
        if gap.key in found:
            break
        found[gap.key] = str(gap)
        values = {**values, gap.key: stand_ins.get(gap.key, "x")}
    return found


def _refused(template: CompiledTemplate, values: Mapping[str, str]) -> MissingValue | None:
    try:
        template.build(values)
    except MissingValue as gap:
        return gap
    return None


def _early(kinds: Mapping[str, str], values: Mapping[str, str], starts_at: datetime | None) -> dict[str, str]:
    """Offers that end before the first message leaves."""
    found = {}
    for key, value in values.items():
        if starts_at is not None and kinds.get(key) == "expiration" and _ends(key, value) <= starts_at.timestamp():
            found[key] = "The offer ends before the campaign starts."
    return found


def _ends(key: str, value: str) -> float:
    try:
        return unix_milliseconds(key, clean(value)) / 1000
    except MissingValue:
        return float("inf")  # told already, and in better words


def _long(kinds: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    limits = {key: LONGEST.get(kinds.get(key, ""), variables.MAX_TEXT) for key in values}
    return {
        key: f"At most {limits[key]} characters; it has {len(words)}."
        for key, value in values.items()
        if len(words := clean(value)) > limits[key]
    }

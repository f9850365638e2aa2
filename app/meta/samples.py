"""The sample values a template was submitted with; every kind of component keeps them in its own shape."""

from collections.abc import Mapping

from app.meta.foreign import items, mapping, sequence, text


def text_samples(component: Mapping[str, object], part: str) -> dict[str, str]:
    """Name -> sample of the placeholders in a header or body text; positional ones are named 1, 2, …"""
    example = mapping(component.get("example"))
    listed = items(example.get(f"{part}_text_named_params"))
    named = {text(item.get("param_name")) or "": text(item.get("example")) for item in listed}
    sets = sequence(example.get(f"{part}_text"))
    # The body's samples are a list of sets of samples, the header's a plain list.
    first_set = sequence(sets[0]) if sets and isinstance(sets[0], list) else sets
    positional = {str(number): text(sample) for number, sample in enumerate(first_set, start=1)}
    return {name: sample for name, sample in {**positional, **named}.items() if name and sample}


def media_sample(component: Mapping[str, object]) -> str | None:
    """The address of the header's sample picture, video or document."""
    return _first(mapping(component.get("example")).get("header_handle"))


def button_sample(button: Mapping[str, object]) -> str | None:
    """The sample coupon code, or of a sample URL the part that takes the placeholder's place."""
    sample, fixed = _first(button.get("example")), (text(button.get("url")) or "").partition("{{")[0]
    return sample.removeprefix(fixed) if sample else None


def _first(value: object) -> str | None:
    listed = sequence(value)
    return text(listed[0] if listed else value)

"""The header of a template definition: a text, a file with a sample, a place or a product."""

from typing import Any

from sandbox.validation.template_refusal import refusal
from sandbox.validation.template_text import check_text
from sandbox.world.world import World

MALFORMED, BAD_HANDLE = 2388047, 2494102
# What a sample may be, by the header's format.
SAMPLES = {
    "IMAGE": ("image/jpeg", "image/png"),
    "VIDEO": ("video/mp4", "video/3gpp"),
    "DOCUMENT": ("application/pdf", "application/"),
}
BARE = ("LOCATION", "PRODUCT")


def check_header(part: dict[str, Any], named: bool, world: World) -> None:
    """Refuse a header that Meta would refuse."""
    form = str(part.get("format", "")).upper()
    if form == "TEXT":
        check_text("HEADER", part, named)
    elif form in SAMPLES:
        _check_sample(form, part.get("example"), world)
    elif form not in BARE:
        raise refusal(f"The header's format {form!r} is not known.", MALFORMED)


def _check_sample(form: str, example: Any, world: World) -> None:
    handles = example.get("header_handle") if isinstance(example, dict) else None
    handle = handles[0] if isinstance(handles, list) and handles else handles
    if not handle:
        raise refusal(f"A header of format {form} needs a sample.", MALFORMED)
    if not isinstance(handle, str) or not handle.startswith("4:"):
        raise refusal("The sample must be the handle of a resumable upload, not a link or a media id.", BAD_HANDLE)
    mime_type = world.mime_type_of(handle)
    if mime_type and not mime_type.startswith(SAMPLES[form]):
        raise refusal(f"A sample of type {mime_type} does not fit a header of format {form}.", BAD_HANDLE)

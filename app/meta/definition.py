"""A message template's definition as Meta returns it, read into its parts and the gaps it wants filled."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.meta.foreign import items, text
from app.meta.placeholders import names_in
from app.meta.samples import button_sample, media_sample, text_samples

Component = Mapping[str, object]

MEDIA = ("image", "video", "document")
# These want nothing of us at sending; any other button or component does, or is new to us.
SILENT_BUTTONS = ("QUICK_REPLY", "PHONE_NUMBER", "CATALOG", "VOICE_CALL", "REQUEST_CONTACT_INFO")
FILLABLE_BUTTONS = (*SILENT_BUTTONS, "URL", "COPY_CODE")
FILLABLE_COMPONENTS = ("HEADER", "BODY", "FOOTER", "BUTTONS", "CALL_PERMISSION_REQUEST")


@dataclass(frozen=True, slots=True)
class TemplateVariable:
    """One gap in a template.

    `key` names its value: body.1, header.first_name, header.media, button.0.1 (a URL's end), button.2.code.
    `part` is header, body or button; `kind` is text, image, video, document, url_suffix or coupon_code.
    """

    key: str
    part: str
    name: str
    kind: str
    sample: str | None


@dataclass(frozen=True, slots=True)
class Definition:
    """The parts of a template; an absent one is empty."""

    header: Component
    body: Component
    footer: Component
    buttons: tuple[Component, ...]
    types: tuple[str, ...]

    @property
    def header_format(self) -> str | None:
        """text, image, video, document, location, …, or None without a header."""
        return (text(self.header.get("format")) or "text").lower() if self.header else None

    def is_named(self, parameter_format: str | None) -> bool:
        """Whether parameters go by name; without a format, the names themselves tell."""
        if parameter_format:
            return parameter_format.upper() == "NAMED"
        words = (text(part.get("text")) or "" for part in (self.header, self.body))
        return any(not name.isdigit() for part in words for name in names_in(part))

    def variables(self, named: bool) -> Iterator[TemplateVariable]:
        """Every gap, in the order Meta wants the parameters: header, body, buttons."""
        if self.header_format in MEDIA:
            yield TemplateVariable("header.media", "header", "media", self.header_format, media_sample(self.header))
        if self.header_format == "text":
            yield from _text_variables(self.header, "header", named)
        yield from _text_variables(self.body, "body", named)
        for index, button in enumerate(self.buttons):
            yield from _button_variables(index, button)

    def unsupported(self) -> list[str]:
        """The parts that need parameters nobody can give us yet; such a template cannot be sent."""
        found = [kind for kind in self.types if kind not in FILLABLE_COMPONENTS]
        if self.header_format not in (None, "text", *MEDIA):
            found.append(f"HEADER {self.header_format.upper()}")
        kinds = (type_of(button) for button in self.buttons)
        return found + [f"BUTTON {kind}" for kind in kinds if kind not in FILLABLE_BUTTONS]


def read_definition(components: object) -> Definition:
    """The parts of `components`, whatever shape it comes in; what is no component is passed over."""
    parts = {type_of(component): component for component in items(components)}
    buttons = tuple(items(parts.get("BUTTONS", {}).get("buttons")))
    header, body, footer = (parts.get(kind, {}) for kind in ("HEADER", "BODY", "FOOTER"))
    return Definition(header, body, footer, buttons, tuple(parts))


def type_of(component: Component) -> str:
    return (text(component.get("type")) or "UNKNOWN").upper()


def _text_variables(component: Component, part: str, named: bool) -> Iterator[TemplateVariable]:
    names = names_in(text(component.get("text")) or "")
    if not named:
        names = sorted((name for name in names if name.isdigit()), key=int)
    samples = text_samples(component, part)
    for name in names:
        yield TemplateVariable(f"{part}.{name}", part, name, "text", samples.get(name))


def _button_variables(index: int, button: Component) -> Iterator[TemplateVariable]:
    if type_of(button) == "URL" and names_in(text(button.get("url")) or ""):
        yield TemplateVariable(f"button.{index}.1", "button", "1", "url_suffix", button_sample(button))
    if type_of(button) == "COPY_CODE":
        yield TemplateVariable(f"button.{index}.code", "button", "code", "coupon_code", button_sample(button))

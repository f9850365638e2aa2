"""From a template's definition and a customer's values: the `components` of a send, and the text to see."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from app.meta.definition import MEDIA, Component, Definition, TemplateVariable, read_definition, type_of
from app.meta.foreign import text
from app.meta.placeholders import Pattern, clean, pattern_of

Values = Mapping[str, str]
Parameter = dict[str, object]


class MissingValue(ValueError):
    """A value the template needs is empty, or of no use in its place; the text is a sentence for people."""

    def __init__(self, key: str, sentence: str | None = None) -> None:
        self.key = key
        part, _, name = key.partition(".")
        where = {"body": "text"}.get(part, part)
        super().__init__(sentence or f"Variable {{{{{name}}}}} of the {where} has no value.")


@dataclass(frozen=True, slots=True)
class RenderedButton:
    """A button as its customer sees it; `target` is the filled URL, the phone number or the coupon code."""

    type: str
    text: str
    target: str | None


@dataclass(frozen=True, slots=True)
class RenderedTemplate:
    """A template with its values put in; `header_format` is text, image, …, or None without a header."""

    header_text: str | None
    body: str
    footer: str | None
    buttons: tuple[RenderedButton, ...]
    header_format: str | None = None
    header_media: str | None = None


@dataclass(frozen=True, slots=True)
class _Filling:
    """One component of a send: its fixed head, and each parameter's key with the wrapping of its value."""

    head: Parameter
    slots: tuple[tuple[str, Callable[[str], Parameter]], ...]

    def build(self, values: Values) -> Parameter:
        return {**self.head, "parameters": [wrap(_needed(values, key)) for key, wrap in self.slots]}


@dataclass(frozen=True, slots=True)
class _ButtonFace:
    """What shows on a button: fixed, but for the value in its target."""

    type: str
    text: str
    target: Pattern | None

    def fill(self, values: Values) -> RenderedButton:
        return RenderedButton(self.type, self.text, self.target.fill(values) if self.target else None)


@dataclass(frozen=True, slots=True)
class CompiledTemplate:
    """A template read once, to be filled for thousands of customers."""

    variables: tuple[TemplateVariable, ...]
    unsupported: list[str]
    _fillings: tuple[_Filling, ...]
    _header_format: str | None
    _header: Pattern | None
    _body: Pattern
    _footer: str | None
    _buttons: tuple[_ButtonFace, ...]

    def build(self, values: Values) -> list[Parameter]:
        """The `components` of a send; raises MissingValue for the first gap without a usable value."""
        return [filling.build(values) for filling in self._fillings]

    def body(self, values: Values) -> str:
        """The body as the customer reads it; a missing value leaves its placeholder."""
        return self._body.fill(values)

    def render(self, values: Values) -> RenderedTemplate:
        """The whole template as the customer sees it; a missing value leaves its placeholder."""
        return RenderedTemplate(
            self._header.fill(values) if self._header else None,
            self.body(values),
            self._footer,
            tuple(button.fill(values) for button in self._buttons),
            self._header_format,
            (clean(values.get("header.media")) or None) if self._header_format in MEDIA else None,
        )


def compile_template(components: object, parameter_format: str | None = None) -> CompiledTemplate:
    """Read a definition as Meta returns it. Never raises; `unsupported` names what cannot be sent."""
    definition = read_definition(components)
    named = definition.is_named(parameter_format)
    variables = tuple(definition.variables(named))
    return CompiledTemplate(
        variables,
        definition.unsupported(),
        tuple(_fillings(variables, named)),
        definition.header_format,
        _header_pattern(definition),
        pattern_of(text(definition.body.get("text")) or "", "body"),
        text(definition.footer.get("text")),
        tuple(_face(index, button) for index, button in enumerate(definition.buttons)),
    )


def variables_of(components: object, parameter_format: str | None = None) -> list[TemplateVariable]:
    """What a template needs to be told, in order: header, body, buttons."""
    return list(compile_template(components, parameter_format).variables)


def build_components(components: object, parameter_format: str | None, values: Values) -> list[Parameter]:
    """The `components` of one send; raises MissingValue. For many sends use `compile_template`."""
    return compile_template(components, parameter_format).build(values)


def render_text(components: object, values: Values) -> RenderedTemplate:
    """The template as its customer would see it, for previews and conversations."""
    return compile_template(components).render(values)


def _needed(values: Values, key: str) -> str:
    value = clean(values.get(key))
    if not value:
        raise MissingValue(key)
    return value


def _fillings(variables: tuple[TemplateVariable, ...], named: bool) -> Iterator[_Filling]:
    """One component for the header, one for the body, one for each button, where they have variables."""
    for place, gaps in groupby(variables, key=_place_of):
        part, _, index = place.partition(".")
        slots = [(gap, _wrapping(gap, named)) for gap in gaps]
        head: Parameter = {"type": part}
        if part == "button":
            head |= {"sub_type": "copy_code" if slots[0][0].kind == "coupon_code" else "url", "index": index}
        yield _Filling(head, tuple((gap.key, wrap) for gap, wrap in slots))


def _place_of(variable: TemplateVariable) -> str:
    return variable.key.rpartition(".")[0]


def _wrapping(variable: TemplateVariable, named: bool) -> Callable[[str], Parameter]:
    if variable.kind in MEDIA:
        return lambda value: {"type": variable.kind, variable.kind: _media(variable, value)}
    if variable.kind == "coupon_code":
        return lambda value: {"type": "coupon_code", "coupon_code": value}
    if variable.kind == "text" and named:
        return lambda value: {"type": "text", "parameter_name": variable.name, "text": value}
    return lambda value: {"type": "text", "text": value}


def _media(variable: TemplateVariable, value: str) -> Parameter:
    if value.isascii() and value.isdigit():
        return {"id": value}
    if value.lower().startswith(("https://", "http://")):
        return {"link": value}
    raise MissingValue(variable.key, f"The header's {variable.kind} needs an https address or the id of a media file.")


def _header_pattern(definition: Definition) -> Pattern | None:
    words = text(definition.header.get("text"))
    return pattern_of(words, "header") if words and definition.header_format == "text" else None


def _face(index: int, button: Component) -> _ButtonFace:
    kind = type_of(button)
    label = text(button.get("text")) or kind.replace("_", " ").capitalize()
    if kind == "COPY_CODE":
        return _ButtonFace(kind, label, pattern_of("{{code}}", f"button.{index}"))
    target = text(button.get("url")) or text(button.get("phone_number"))
    return _ButtonFace(kind, label, pattern_of(target, f"button.{index}", f"button.{index}.1") if target else None)

"""From a template's definition and a customer's values: the `components` of a send, and the text to see."""

from dataclasses import dataclass

from app.meta.definition import TemplateVariable, read_definition
from app.meta.filling import Filling, fillings_of
from app.meta.parameters import MissingValue, Parameter, Values
from app.meta.preview import Face, RenderedButton, RenderedTemplate, face_of

__all__ = [
    "CompiledTemplate",
    "MissingValue",
    "RenderedButton",
    "RenderedTemplate",
    "TemplateVariable",
    "build_components",
    "compile_template",
    "render_text",
    "variables_of",
]


@dataclass(frozen=True, slots=True)
class CompiledTemplate:
    """A template read once, to be filled for thousands of customers.

    `variables` must have values; `options` may: a quick reply's payload, a thumbnail, a document's filename, further
    cards of a carousel of products. A value under the key `payload` serves all quick replies without their own.
    """

    variables: tuple[TemplateVariable, ...]
    options: tuple[TemplateVariable, ...]
    unsupported: list[str]
    _fillings: tuple[Filling, ...]
    _face: Face

    def build(self, values: Values) -> list[Parameter]:
        """The `components` of a send; raises MissingValue for the first gap without a usable value."""
        return [built for filling in self._fillings if (built := filling.build(values))]

    def body(self, values: Values) -> str:
        """The body as the customer reads it; a missing value leaves its placeholder."""
        return self._face.body.fill(values)

    def render(self, values: Values) -> RenderedTemplate:
        """The whole template as the customer sees it; a missing value leaves its placeholder."""
        return self._face.render(values)


def compile_template(components: object, parameter_format: str | None = None) -> CompiledTemplate:
    """Read a definition as Meta returns it. Never raises; `unsupported` names what cannot be sent."""
    definition = read_definition(components)
    fillings = fillings_of(definition, definition.is_named(parameter_format))
    return CompiledTemplate(
        tuple(gap for filling in fillings for gap in filling.variables),
        tuple(gap for filling in fillings for gap in filling.options),
        definition.unsupported(),
        fillings,
        face_of(definition),
    )


def variables_of(components: object, parameter_format: str | None = None) -> list[TemplateVariable]:
    """What a template needs to be told, in order: header, body, offer, cards, buttons."""
    return list(compile_template(components, parameter_format).variables)


def build_components(components: object, parameter_format: str | None, values: Values) -> list[Parameter]:
    """The `components` of one send; raises MissingValue. For many sends use `compile_template`."""
    return compile_template(components, parameter_format).build(values)


def render_text(components: object, values: Values) -> RenderedTemplate:
    """The template as its customer would see it, for previews and conversations."""
    return compile_template(components).render(values)

"""Meta's rules for the header, the texts and the footer of a message template: length, variables and samples."""

import re
from collections.abc import Iterator, Sequence

from app.meta import template_limits as limits
from app.meta.definition import Component
from app.meta.foreign import mapping, text
from app.meta.placeholders import PLACEHOLDER, names_in
from app.meta.samples import text_samples
from app.meta.template_limits import VARIABLE_NAME, Problem, too_long

ADJACENT = re.compile(r"\}\}\s*\{\{")
BLANK_IN_BRACES = re.compile(r"\{\{(\s+\w+\s*|\w+\s+)\}\}")

MEDIA_FORMATS = ("IMAGE", "VIDEO", "DOCUMENT")


def header_problems(where: str, header: Component | None, named: bool) -> Iterator[Problem]:
    """The problems of a header, the template's or a card's (`where` is "cards.0.")."""
    if header is None:
        return
    form = (text(header.get("format")) or "").upper()
    if form == "TEXT":
        most = limits.MAX_HEADER_VARIABLES
        yield from text_problems(f"{where}header", "The header", header, limits.MAX_HEADER, named, most)
    elif form not in limits.HEADER_FORMATS:
        yield Problem(f"{where}header", "A header is a text, image, video, document, location or product.", "bad_value")
    elif form in MEDIA_FORMATS and not mapping(header.get("example")).get("header_handle"):
        yield Problem(f"{where}header.sample", f"Meta wants a sample {form.lower()} to look at.", "sample_missing")


def footer_problems(footer: Component | None) -> Iterator[Problem]:
    if footer is None:
        return
    words = text(footer.get("text")) or ""
    if not words.strip():
        yield Problem("footer.text", "An empty footer is left out.", "required")
    if "{{" in words:
        yield Problem("footer.text", "The footer may not hold variables.", "variable_count")
    yield from too_long("footer.text", "The footer", words, limits.MAX_FOOTER)


def text_problems(
    field: str, what: str, part: Component, limit: int, named: bool, most_variables: int | None = None
) -> Iterator[Problem]:
    """The problems of one text; `field` is header, body or cards.0.body, `what` its name in a sentence."""
    words = text(part.get("text")) or ""
    if not words.strip():
        yield Problem(f"{field}.text", f"{what} is empty.", "required")
        return
    names = names_in(words)
    yield from too_long(f"{field}.text", what, words, limit)
    yield from _writing_problems(f"{field}.text", what, words, names, named)
    if most_variables is not None and len(names) > most_variables:
        yield Problem(f"{field}.text", f"{what} may hold at most {most_variables} variable.", "variable_count")
    if field.endswith("body"):
        yield from _place_problems(f"{field}.text", what, words, names)
    samples = text_samples(part, field.rpartition(".")[2])
    for name in names:
        if not (samples.get(name) or "").strip():
            sentence = f"Meta wants a sample for {{{{{name}}}}}."
            yield Problem(f"{field}.samples.{name}", sentence, "sample_missing")


def _writing_problems(field: str, what: str, words: str, names: Sequence[str], named: bool) -> Iterator[Problem]:
    rest = PLACEHOLDER.sub("", words)
    if "{{" in rest or "}}" in rest or BLANK_IN_BRACES.search(words):
        sentence = f"{what} holds braces that are no variable; write {'{{first_name}}' if named else '{{1}}'}."
        yield Problem(field, sentence, "variable_format")
    if named:
        for name in names:
            if not VARIABLE_NAME.fullmatch(name):
                sentence = f"{{{{{name}}}}} is no name: use lower-case letters, digits and underscores."
                yield Problem(field, sentence, "variable_format")
    elif any(not name.isdigit() for name in names):
        yield Problem(field, f"{what} mixes names and numbers; all variables are one or the other.", "variable_format")
    elif {int(name) for name in names} != set(range(1, len(names) + 1)):
        yield Problem(field, f"{what} must number its variables 1, 2, 3 … without a gap.", "variable_gap")


def _place_problems(field: str, what: str, words: str, names: Sequence[str]) -> Iterator[Problem]:
    bare = words.strip()
    edges = [match.span() for match in PLACEHOLDER.finditer(bare)]
    if edges and (edges[0][0] == 0 or edges[-1][1] == len(bare)):
        yield Problem(field, f"{what} may not begin or end with a variable; put words around it.", "variable_edge")
    if ADJACENT.search(bare):
        yield Problem(field, "Between two variables stand words.", "variable_adjacent")
    # Meta does not tell its ratio. Below this it surely refuses; up to half as much again it is said to (`advise`).
    if len(bare.split()) < 2 * len(names) + 1:
        yield Problem(field, f"{what} has too many variables for its few words.", "variable_ratio")

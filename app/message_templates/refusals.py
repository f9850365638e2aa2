"""Why Meta would not take a template, at the field it speaks of."""

from __future__ import annotations

from app.channels.failures import sentence_of
from app.meta.errors import MetaError, MetaFailure
from app.meta.template_limits import Problem

# Subcode of Meta's -> the field it is about.
FIELDS = {
    2388019: "name",  # too many templates
    2388024: "name",  # this name and language exist already
    2388047: "header.text",
    2388072: "body.text",
    2388073: "footer.text",
    2388293: "body.text",  # too many variables for its length
    2388299: "body.text",  # begins or ends with a variable
}
# Words in Meta's sentence -> the field it is most likely about.
CLUES = (
    ("header", "header"),
    ("footer", "footer.text"),
    ("button", "buttons"),
    ("body", "body.text"),
    ("language", "language"),
    ("category", "category"),
    ("name", "name"),
)


def problem_of(failure: MetaFailure) -> Problem:
    """Meta's refusal as a problem of the form; `field` is empty where Meta speaks of no part of it."""
    if not isinstance(failure, MetaError):
        return Problem("", sentence_of(failure), "meta")
    meaning, words = failure.meaning, failure.details or failure.message
    sentence = f"Meta refused it: {meaning.sentence} {meaning.hint}"
    if failure.subcode != meaning.code and failure.details:
        sentence = f"Meta refused it: {failure.details}"
    return Problem(_field(failure.subcode, words), sentence, "meta")


def _field(subcode: int | None, words: str) -> str:
    if subcode in FIELDS:
        return FIELDS[subcode]
    lowered = words.lower()
    return next((field for clue, field in CLUES if clue in lowered), "")

"""Why Meta could not be read, in words for the page, the log and the terminal."""

from __future__ import annotations

from app.meta.errors import MetaError, MetaFailure, NotSent


def sentence_of(failure: MetaFailure) -> str:
    """What went wrong while reading from Meta and what helps; never holds a token."""
    if isinstance(failure, MetaError):
        return f"{failure.meaning.sentence} {failure.meaning.hint}"
    if isinstance(failure, NotSent):
        return "Meta could not be reached. Check the network and META_GRAPH_URL, then try again."
    return "Meta gave no clear answer. Try again in a minute."

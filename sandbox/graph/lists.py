"""Lists as calls write them, and numbers and switches as forms do."""

import json
from typing import Any

from sandbox.errors import GraphError


def any_of(value: Any) -> list[str]:
    """A filter is one value, a list, or a list written as JSON or with commas."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            raise GraphError(100, message="(#100) The filter is not valid JSON.") from None
    if isinstance(value, list):
        return [str(one) for one in value]
    return str(value).split(",") if value else []


def switch_of(name: str, value: Any) -> bool:
    """A switch: JSON's, or the word for it in a form."""
    words: dict[str, bool] = {"true": True, "1": True, "false": False, "0": False}
    known = words.get(str(value).lower())
    if known is None:
        raise GraphError(100, message=f"(#100) Param {name} must be a boolean")
    return known


def number_of(name: str, value: Any) -> int:
    """A whole number of 0 or more."""
    text = str(value)
    if isinstance(value, bool) or not text.isascii() or not text.isdigit() or len(text) > 15:
        raise GraphError(100, message=f"(#100) Param {name} must be an integer")
    return int(text)

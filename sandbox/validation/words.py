"""The plain checks that all others are made of: a text of a length, a list of objects, an object."""

from typing import Any

from sandbox.errors import GraphError, invalid, missing

Content = dict[str, Any]


def check_text(parameter: str, value: Any, longest: int) -> str:
    """A text that is not empty and not too long."""
    if not isinstance(value, str) or not value:
        raise missing(parameter)
    if len(value) > longest:
        raise invalid(f"Param {parameter} must be at most {longest} characters long.")
    return value


def check_object(parameter: str, value: Any) -> Content:
    """An object that is not empty."""
    if not isinstance(value, dict) or not value:
        raise missing(parameter)
    return value


def check_list(parameter: str, value: Any, most: int) -> list[Content]:
    """A list of one to `most` objects."""
    if not isinstance(value, list) or not value:
        raise missing(parameter)
    if len(value) > most:
        raise invalid(f"{parameter} may hold at most {most}, not {len(value)}")
    if not all(isinstance(one, dict) for one in value):
        raise invalid(f"{parameter} must hold objects")
    return value


def objects(parameter: str, value: Any) -> list[Content]:
    """A list of objects, perhaps none."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise GraphError(100, f"Param {parameter} must be an array of objects.")
    return value

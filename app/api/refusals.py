"""How a call says no: a status, a word for programs, a sentence for people, and the fields that are to blame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from flask import abort, jsonify
from pydantic import ValidationError


def refuse(
    status: int,
    code: str,
    sentence: str,
    *,
    fields: Mapping[str, list[str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> NoReturn:
    """Answer the call with this refusal and nothing else."""
    answer = jsonify(error={"code": code, "message": sentence, "fields": fields or {}})
    answer.status_code = status
    answer.headers.update(headers or {})
    abort(answer)


def refuse_input(error: ValidationError) -> NoReturn:
    """Answer 422 with every field that cannot be used, in the words of its first fault."""
    fields: dict[str, list[str]] = {}
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        fields.setdefault(_path(fault["loc"]), []).append(_sentence(fault))
    name, words = next(iter(fields.items()))
    refuse(422, "invalid", f"{name}: {words[0]}" if name else words[0], fields=fields)


def _path(location: Iterable[int | str]) -> str:
    return ".".join(str(part) for part in location)


def _sentence(fault: Mapping[str, Any]) -> str:
    if fault["type"] == "extra_forbidden":
        return "There is no such field."
    words = str(fault["msg"]).removeprefix("Value error, ")
    return words[:1].upper() + words[1:].rstrip(".") + "."

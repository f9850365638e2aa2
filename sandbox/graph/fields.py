"""The `fields` parameter: what a node shows when asked, and what it shows by itself."""

import re
from typing import Any

from sandbox.errors import GraphError

_FIELD = re.compile(r"(\w+)(?:[.{(]|$)")


def project(
    node: dict[str, Any], requested: Any, usual: tuple[str, ...], known: tuple[str, ...], kind: str
) -> dict[str, Any]:
    """The asked fields of a node (always with its id); a field Meta does not have is refused."""
    names = split_fields(str(requested)) if requested else list(usual)
    for name in names:
        if name not in known and name not in node:
            message = f"(#100) Tried accessing nonexisting field ({name}) on node type ({kind})"
            raise GraphError(100, message=message)
    return {name: node[name] for name in (*names, "id") if name in node}


def split_fields(text: str) -> list[str]:
    """The names in `a,b{c,d},e.f(1)`: only the outermost, without what hangs on them."""
    return list(parts_of(text))


def parts_of(text: str) -> dict[str, str]:
    """The outermost names in `a,b{c,d},e.f(1)`, each with what hangs on it."""
    names, depth, start = [], 0, 0
    for place, letter in enumerate(text + ","):
        depth += (letter in "({[") - (letter in ")}]")
        if letter == "," and depth <= 0:
            names.append(text[start:place].strip())
            start = place + 1
    found = ((_FIELD.match(name), name) for name in names)
    return {match[1]: name[match.end(1) :] for match, name in found if match}

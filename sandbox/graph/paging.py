"""Cursor paging as Graph does it."""

import base64
from typing import Any
from urllib.parse import urlencode

from sandbox.errors import GraphError
from sandbox.graph.call import Call

USUAL_LIMIT = 25
MOST = 1000


def page_of(nodes: list[dict[str, Any]], call: Call) -> dict[str, Any]:
    """One page of nodes with `paging`; the last page has no `next`."""
    limit = _limit(call.params.get("limit", USUAL_LIMIT))
    ids = [node["id"] for node in nodes]
    start = _after(ids, call.params.get("after"))
    if call.params.get("before"):
        end = _place(ids, call.params["before"])
        start = max(0, end - limit)
        limit = end - start
    shown = nodes[start : start + limit]
    if not shown:
        return {"data": []}
    paging: dict[str, Any] = {"cursors": {"before": _cursor(shown[0]), "after": _cursor(shown[-1])}}
    if start + limit < len(nodes):
        paging["next"] = _link(call, "after", paging["cursors"]["after"])
    if start > 0:
        paging["previous"] = _link(call, "before", paging["cursors"]["before"])
    return {"data": shown, "paging": paging}


def _limit(given: Any) -> int:
    text = str(given)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST:
        raise GraphError(100, message=f"(#100) Param limit must be a number between 1 and {MOST}.")
    return int(text)


def _after(ids: list[str], cursor: Any) -> int:
    return _place(ids, cursor) + 1 if cursor else 0


def _place(ids: list[str], cursor: Any) -> int:
    try:
        return ids.index(base64.urlsafe_b64decode(str(cursor)).decode())
    except ValueError:
        raise GraphError(100, message="(#100) Invalid cursor") from None


def _cursor(node: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(node["id"].encode()).decode()


def _link(call: Call, name: str, cursor: str) -> str:
    kept = {key: value for key, value in call.query.items() if key not in ("after", "before")}
    return f"{call.url}?{urlencode(kept | {name: cursor})}"

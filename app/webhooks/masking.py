"""Bodies as people may see them: legible, and without the secrets that may stand in them."""

from __future__ import annotations

import json
import re

MASK = "•••"
SHOWN = 200_000  # characters of a body on a page
_SECRET_KEY = re.compile(r"(token|secret|password|passcode|authorization|signature|api_?key)s?$|(^|[_-])pin$", re.I)
_BEARER = re.compile(r"\b(bearer\s+)[\w.~+/=-]+|\bEAA[\w-]{16,}", re.I)
_PAIR = re.compile(r'("[^"]*(?:token|secret|password|pin)"\s*:\s*)("[^"]*"?|[\d.]+)', re.I)


def legible(body: bytes) -> str:
    """The body, indented when it is JSON, secrets masked, cut where it is too long for a page."""
    try:
        words = json.dumps(_masked(json.loads(body)), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        words = _PAIR.sub(rf'\1"{MASK}"', _without_bearers(body.decode(errors="replace")))
    # What JSON allows and a page cannot carry: halves of surrogate pairs.
    words = words.encode(errors="backslashreplace").decode()
    return words if len(words) <= SHOWN else f"{words[:SHOWN]}\n… {len(words) - SHOWN} more characters"


def _masked(value: object) -> object:
    if isinstance(value, dict):
        return {key: MASK if _is_secret(key, part) else _masked(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_masked(part) for part in value]
    return _without_bearers(value) if isinstance(value, str) else value


def _is_secret(key: str, part: object) -> bool:
    return bool(part) and not isinstance(part, dict | list) and _SECRET_KEY.search(key) is not None


def _without_bearers(words: str) -> str:
    return _BEARER.sub(lambda found: f"{found[1] or ''}{MASK}", words)

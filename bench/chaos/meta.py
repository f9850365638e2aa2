"""The sandbox with a book of every send that reached it: `python -m bench.chaos.meta`, and how to talk to it.

The sandbox knows what it accepted. What it refused, let hang or answered into a dead connection only the book knows:
by our id of each message, what became of every request that brought it.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from typing import Any

import requests
from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.server import build_app
from sandbox.settings import read_settings
from sandbox.stage import Stage

BOOK = "/__chaos__/book"
OPEN, TAKEN, CUT = "open", "taken", "cut"  # not answered yet; accepted; the connection died instead
PAGE = 5_000
PATIENCE = 60  # seconds for an answer: the machine is busy


class Meta:
    """The running sandbox: its tuning, its truth and its book."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._session = requests.Session()
        self._session.trust_env = False  # past a proxy that the environment may name

    def await_answer(self) -> None:
        """Return when it runs."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.state()
                return
            except requests.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def tune(self, **tuning: Any) -> None:
        self._call("PUT", "/__sandbox__/config", tuning)

    def state(self) -> dict[str, Any]:
        """Counts: what came in, what was told, what is owed."""
        found: dict[str, Any] = self._call("GET", "/__sandbox__/state")
        return found

    def accepted(self) -> list[dict[str, Any]]:
        """Every message it took, oldest first."""
        found: list[dict[str, Any]] = []
        while page := self._call("GET", f"/__sandbox__/messages?limit={PAGE}&offset={len(found)}")["messages"]:
            found += page
        return found

    def book(self) -> dict[str, list[str]]:
        """By our id: of each request that brought it the error's code, or TAKEN, OPEN or CUT."""
        found: dict[str, list[str]] = self._call("GET", BOOK)
        return found

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._session.request(method, self._url + path, json=body, timeout=PATIENCE)
        answer.raise_for_status()
        return answer.json()


class _Book:
    def __init__(self) -> None:
        self._pages: dict[str, list[str]] = defaultdict(list)

    @web.middleware
    async def keep(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Write down who comes in with a message, and how they leave."""
        if request.path == BOOK:
            return web.json_response(self._pages)
        if request.method != "POST" or not request.path.endswith("/messages"):
            return await handler(request)
        page = self._pages[json.loads(await request.read())["biz_opaque_callback_data"]]
        line = len(page)
        page.append(OPEN)
        answer = await handler(request)
        page[line] = _word(answer)
        return answer


def _word(answer: web.StreamResponse) -> str:
    if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes) or not answer.body:
        return CUT
    return str(json.loads(answer.body).get("error", {}).get("code", TAKEN))


def main() -> None:
    app = build_app(Stage(read_settings(os.environ)))
    app.middlewares.append(_Book().keep)
    port = read_settings(os.environ).port
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None, shutdown_timeout=0.5, backlog=1024)


if __name__ == "__main__":
    main()

"""The sandbox as the benchmark uses it: with a latency, without limits, telling nobody."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.sandboxes import Program, free_port

ACCOUNT = "200000000000001"
PAGE = 10_000


class Meta:
    """A running sandbox."""

    def __init__(self, program: Program) -> None:
        self.url = program.url
        self._session = requests.Session()
        self._session.trust_env = False

    def begin(self, **tuning: Any) -> None:
        """Forget the last run; `tuning` as in the sandbox's config."""
        self._call("POST", "/__sandbox__/reset")
        self._call("PUT", "/__sandbox__/config", {"throughput_mps": 0, "messaging_limit": 0} | tuning)
        # What it would tell by webhook is another benchmark's business.
        headers = {"Authorization": "Bearer sandbox-token"}
        self._session.delete(f"{self.url}/v26.0/{ACCOUNT}/subscribed_apps", headers=headers, timeout=30)

    def accepted(self) -> int:
        """How many messages it took."""
        return int(self._call("GET", "/__sandbox__/state")["accepted"])

    def moments(self) -> list[float]:
        """When it took each of them."""
        found: list[float] = []
        while page := self._call("GET", f"/__sandbox__/messages?limit={PAGE}&offset={len(found)}")["messages"]:
            found += [float(message["accepted_at"]) for message in page]
        return found

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._session.request(method, self.url + path, json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def playing() -> Iterator[Meta]:
    """A sandbox of its own, ended at the end."""
    with tempfile.TemporaryDirectory() as folder:
        program = Program(Path(folder), f"http://127.0.0.1:{free_port()}/")
        program.start()
        try:
            yield Meta(program)
        finally:
            program.stop()

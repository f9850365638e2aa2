"""The sandbox as the programs around it meet it: one that calls it, and a receiver for what it posts."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from tests.sandboxes import Program

PATIENCE = 10.0
SECRET = "test-secret"
PHONE, ACCOUNT = "100000000000001", "200000000000001"
ASHA = "919812345678"


@dataclass
class Post:
    """One webhook post as it arrived."""

    raw: bytes
    signature: str

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.raw)

    @property
    def is_signed(self) -> bool:
        return self.signature == "sha256=" + hmac.new(SECRET.encode(), self.raw, hashlib.sha256).hexdigest()

    def values(self) -> list[dict[str, Any]]:
        return [change["value"] for entry in self.body["entry"] for change in entry["changes"]]


@dataclass
class Receiver:
    """A webhook receiver that keeps what it got; it answers with `refusals` first, then 200."""

    posts: list[Post] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    is_down: bool = False

    def open(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(receiver.take(Post(raw, self.headers["X-Hub-Signature-256"])))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks/whatsapp"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def take(self, post: Post) -> int:
        if self.is_down:
            return 503
        self.posts.append(post)
        return self.refusals.pop(0) if self.refusals else 200

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def statuses(self) -> list[dict[str, Any]]:
        return [one for post in list(self.posts) for value in post.values() for one in value.get("statuses", [])]

    def messages(self) -> list[dict[str, Any]]:
        return [one for post in list(self.posts) for value in post.values() for one in value.get("messages", [])]


class Sandbox(Program):
    """A running sandbox: its address, its Graph API and its control API."""

    def __init__(self, folder: Path, webhook_url: str) -> None:
        super().__init__(folder, webhook_url, WHATSAPP_APP_SECRET=SECRET)
        self.http = requests.Session()
        self.http.headers["Authorization"] = "Bearer sandbox-token"

    def graph(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.http.request(method, f"{self.url}/v26.0/{path}", timeout=5, **options)

    def control(self, method: str, call: str, body: Any = None, **params: Any) -> requests.Response:
        return requests.request(method, f"{self.url}/__sandbox__/{call}", json=body, params=params, timeout=5)

    def state(self) -> dict[str, Any]:
        return self.control("GET", "state").json()

    def tune(self, **changes: Any) -> None:
        answer = self.control("PUT", "config", changes)
        assert answer.ok, answer.text

    def send(self, body: dict[str, Any]) -> requests.Response:
        return self.graph("POST", f"{PHONE}/messages", json={"messaging_product": "whatsapp"} | body)

    def accepted(self, **params: Any) -> list[dict[str, Any]]:
        return self.control("GET", "messages", **params).json()["messages"]


def text(*words: str) -> list[dict[str, Any]]:
    """Positional text parameters."""
    return [{"type": "text", "text": word} for word in words]


def template(
    name: str, *components: dict[str, Any], to: str = ASHA, language: str = "en", **more: Any
) -> dict[str, Any]:
    """The body of a template send."""
    sent = {"name": name, "language": {"code": language}, "components": list(components)}
    return {"to": to, "type": "template", "template": sent} | more


def offer(to: str = ASHA, **more: Any) -> dict[str, Any]:
    """A send that every sandbox accepts."""
    return template("goa_monsoon_offer", {"type": "body", "parameters": text("Asha", "Pune")}, to=to, **more)


def await_true(question: Callable[[], Any], patience: float = PATIENCE) -> None:
    """Wait until the answer is yes."""
    deadline = time.monotonic() + patience
    while not question():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)

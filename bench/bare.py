"""The floor of `bench.webhooks`: a Flask handler that checks the signature and does nothing else."""

from __future__ import annotations

import hashlib
import hmac
import os

from flask import Flask, request

app = Flask(__name__)
SECRET = os.environ["WHATSAPP_APP_SECRET"].encode()


@app.post("/webhooks/whatsapp")
def receive() -> tuple[str, int]:
    expected = "sha256=" + hmac.new(SECRET, request.get_data(cache=False), hashlib.sha256).hexdigest()
    return ("", 200) if hmac.compare_digest(expected, request.headers.get("X-Hub-Signature-256", "")) else ("", 403)


@app.get("/healthz")
def healthz() -> str:
    return "ok"

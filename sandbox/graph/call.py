"""A Graph call as it came in: its path, its token and its parameters, wherever they stood."""

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from sandbox.errors import GraphError
from sandbox.settings import APP_ID

VERSION = re.compile(r"v(\d+)\.\d+")
OLDEST_LIVE, USUAL = 21, 26
UPLOAD = "upload:"


@dataclass(slots=True)
class File:
    """An uploaded file."""

    name: str
    mime_type: str
    content: bytes


@dataclass(slots=True)
class Call:
    """What a Graph handler needs to know of a request."""

    request: web.Request
    version: int
    path: list[str]
    params: dict[str, Any]
    token: str | None = None
    files: dict[str, File] = field(default_factory=dict)
    raw: bytes = b""  # the body of an upload
    method: str = "GET"
    query: dict[str, str] = field(default_factory=dict)  # the parameters of the address alone

    @property
    def url(self) -> str:
        """The address without its parameters."""
        return f"{self.base}/v{self.version}.0/{'/'.join(self.path)}"

    @property
    def base(self) -> str:
        """The address of this server, for links in answers."""
        return f"{self.request.scheme}://{self.request.host}"


async def read_call(request: web.Request) -> Call:
    """Read a request: query and body together, the token out of header, query or body. Raises GraphError."""
    path = [part for part in request.path.split("/") if part]
    version = VERSION.fullmatch(path[0]) if path else None
    query = dict(request.query)
    params: dict[str, Any] = {name: _inflate(value) for name, value in query.items()}
    call = Call(request, USUAL, path[1:] if version else path, params, method=request.method, query=query)
    if version:  # an expired version is answered by the oldest one alive
        call.version = _version(version[1], request)
    if request.body_exists:
        await _read_body(call)
    scheme, _, header = request.headers.get("Authorization", "").partition(" ")
    in_params = call.params.pop("access_token", None)
    call.token = header.strip() if scheme.lower() in ("bearer", "oauth") and header else in_params
    return call


def _version(number: str, request: web.Request) -> int:
    if len(number) > 3 or int(number) > USUAL:
        raise GraphError(2500, message=f"Unknown path components: {request.path}")
    return max(int(number), OLDEST_LIVE)


async def _read_body(call: Call) -> None:
    if call.path and call.path[0].startswith(UPLOAD):
        call.raw = await call.request.read()
        return
    kind = call.request.content_type
    if kind == "multipart/form-data":
        await _read_parts(call)
    elif kind == "application/x-www-form-urlencoded":
        call.params |= form_of((await call.request.read()).decode("utf-8", "replace"))
    else:
        call.params |= _json_object(await call.request.read())


def part_of(call: Call, method: str, address: str, body: str) -> Call:
    """One call of a batch: its own address (with parameters) and form, the batch's token."""
    path, _, query = address.partition("?")
    parts = [part for part in path.split("/") if part]
    if parts and VERSION.fullmatch(parts[0]):
        del parts[0]
    given = dict(parse_qsl(query, keep_blank_values=True))
    params = form_of(query) | form_of(body)
    params.pop("access_token", None)
    return Call(call.request, call.version, parts, params, call.token, method=method.upper(), query=given)


def form_of(text: str) -> dict[str, Any]:
    """The parameters of a form or an address."""
    return {name: _inflate(value) for name, value in parse_qsl(text, keep_blank_values=True)}


async def _read_parts(call: Call) -> None:
    try:
        async for part in await call.request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            content = bytes(await part.read(decode=True))
            if part.filename:
                mime_type = part.headers.get("Content-Type", "application/octet-stream")
                call.files[part.name] = File(part.filename, mime_type, content)
            else:
                call.params[part.name] = _inflate(content.decode("utf-8", "replace"))
    except (ValueError, AssertionError) as broken:
        raise GraphError(100, f"The multipart body cannot be read: {broken}") from None


def _json_object(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw) if raw else {}
    except (ValueError, RecursionError):
        raise GraphError(100, "The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise GraphError(100, "The body must be a JSON object.")
    return body


def _inflate(value: str) -> Any:
    """Forms and addresses carry nested values as JSON text."""
    if not value.startswith(("{", "[")):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def check_token(call: Call, is_expired: bool, app_secret: str) -> None:
    """Any token that is not empty will do, until the tokens are tuned to be expired; the app's own never are."""
    if not call.token:
        raise GraphError(190, message="An access token is required to request this resource.")
    if is_expired and call.token != f"{APP_ID}|{app_secret}":
        message = "Error validating access token: Session has expired."
        raise GraphError(190, message=message, subcode=463)
    proof = call.params.pop("appsecret_proof", None)
    right = hmac.new(app_secret.encode(), call.token.encode(), hashlib.sha256).hexdigest()
    if proof is not None and proof != right:
        raise GraphError(100, message="Invalid appsecret_proof provided in the API argument")

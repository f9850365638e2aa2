"""Resumable uploads: a session, its bytes, and the handle that a template's sample is named by."""

import base64
import secrets
from typing import Any

from sandbox.errors import GraphError, missing
from sandbox.graph.call import UPLOAD, Call
from sandbox.graph.lists import number_of
from sandbox.stage import Stage

MOST_BYTES = 100 * 1024 * 1024
TYPES = ("application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4", "video/3gpp")


async def begin(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{app id}/uploads?file_name&file_length&file_type."""
    length = number_of("file_length", call.params.get("file_length", ""))
    file_type = str(call.params.get("file_type") or "")
    if not file_type:
        raise missing("file_type")
    if file_type not in TYPES:
        raise GraphError(100, message=f"(#100) Param file_type must be one of {{{', '.join(TYPES)}}}")
    if not 0 < length <= MOST_BYTES:
        raise GraphError(100, message=f"(#100) Param file_length must be between 1 and {MOST_BYTES}")
    session = f"{UPLOAD}{secrets.token_urlsafe(24)}"
    stage.world.uploads[session] = {"file_type": file_type, "file_length": length, "file_offset": 0}
    stage.store.changed()
    return {"id": session}


async def take(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /upload:…: the bytes from `file_offset` on; the handle once all have come."""
    upload = stage.world.uploads[node]
    offset = number_of("file_offset", call.request.headers.get("file_offset", 0))
    if offset != upload["file_offset"]:
        raise GraphError(100, message=f"(#100) The upload continues at file_offset {upload['file_offset']}")
    received = offset + len(call.raw)
    if received > upload["file_length"]:
        raise GraphError(100, message="(#100) More bytes were sent than file_length says")
    upload = upload | {"file_offset": received}
    answer: dict[str, Any] = {"id": node, "file_offset": received}
    if received == upload["file_length"]:
        mime_type = base64.b64encode(upload["file_type"].encode()).decode()
        upload["handle"] = f"4::{mime_type}:{secrets.token_urlsafe(32)}"
        answer = {"h": upload["handle"]}
    stage.world.uploads[node] = upload
    stage.store.changed()
    return answer


async def progress(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /upload:…: where to go on."""
    return {"id": node, "file_offset": stage.world.uploads[node]["file_offset"]}

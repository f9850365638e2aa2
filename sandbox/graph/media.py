"""Media: upload, look up, download, delete."""

import asyncio
import hashlib
from typing import Any

from aiohttp import web

from sandbox.errors import GraphError, missing
from sandbox.graph.call import Call, File
from sandbox.ids import new_node_id
from sandbox.stage import Stage
from sandbox.validation.media import TYPES

MEGABYTE = 1024 * 1024
MOST_BYTES = {"image": 5 * MEGABYTE, "video": 16 * MEGABYTE, "audio": 16 * MEGABYTE}
MOST_BYTES_OF_STICKER = MEGABYTE // 2
MOST_BYTES_OTHERWISE = 100 * MEGABYTE
OFFICE = "application/vnd.openxmlformats-officedocument"
DOCUMENTS = (
    "text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint", f"{OFFICE}.wordprocessingml.document", f"{OFFICE}.spreadsheetml.sheet",
    f"{OFFICE}.presentationml.presentation",
)  # fmt: skip
TAKEN = (*(one for kinds in TYPES.values() for one in kinds), *DOCUMENTS)


async def upload(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """POST /{phone number id}/media: multipart `messaging_product, file, type`."""
    if call.params.get("messaging_product") != "whatsapp":
        raise GraphError(100, message="(#100) The parameter messaging_product is required.")
    file = call.files.get("file")
    if file is None:
        raise missing("file")
    mime_type = str(call.params.get("type") or file.mime_type)
    if mime_type.partition(";")[0] not in TAKEN:
        raise GraphError(100, message=f"(#100) Param file must be a file with one of the types: {', '.join(TAKEN)}.")
    if len(file.content) > _most_bytes(mime_type):
        raise GraphError(131053, f"The file is too large for {mime_type}.")
    media_id = new_node_id()
    await asyncio.to_thread(_keep, stage, media_id, file)
    stage.world.media[media_id] = {
        "id": media_id,
        "mime_type": mime_type,
        "sha256": hashlib.sha256(file.content).hexdigest(),
        "file_size": len(file.content),
    }
    stage.store.changed()
    return {"id": media_id}


async def show(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """GET /{media id}: where to download it."""
    facts = stage.world.media[node]
    return {"messaging_product": "whatsapp", "url": f"{call.base}/{node}/content"} | facts


async def content(stage: Stage, call: Call, node: str) -> web.StreamResponse:
    """GET the download address; like every call it needs the token."""
    mime_type = stage.world.media[node]["mime_type"]
    return web.FileResponse(stage.store.media_folder / node, headers={"Content-Type": mime_type})


async def remove(stage: Stage, call: Call, node: str) -> dict[str, Any]:
    """DELETE /{media id}."""
    del stage.world.media[node]
    (stage.store.media_folder / node).unlink(missing_ok=True)
    stage.store.changed()
    return {"success": True}


def _most_bytes(mime_type: str) -> int:
    if mime_type == "image/webp":
        return MOST_BYTES_OF_STICKER
    return MOST_BYTES.get(mime_type.partition("/")[0], MOST_BYTES_OTHERWISE)


def _keep(stage: Stage, media_id: str, file: File) -> None:
    stage.store.media_folder.mkdir(parents=True, exist_ok=True)
    (stage.store.media_folder / media_id).write_bytes(file.content)

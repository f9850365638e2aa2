"""Pictures and files on the page: those kept here, and those a message links to, fetched as WhatsApp would."""

import hashlib
from collections import OrderedDict
from pathlib import Path

import aiohttp
from aiohttp import web

from sandbox.seen.parts import Media
from sandbox.stage import STAGE

PATIENCE = aiohttp.ClientTimeout(total=4)
MOST_BYTES = 16 * 1024 * 1024
MOST_LINKS = 5000
SHOWABLE = ("image/", "video/", "audio/", "application/pdf")
PLACEHOLDER = Path(__file__).with_name("static") / "picture.svg"

_links: OrderedDict[str, str] = OrderedDict()  # only what a message showed may be fetched


def routes() -> list[web.RouteDef]:
    """The table of files."""
    return [web.get("/files/kept/{id}", kept), web.get("/files/linked/{token}", linked)]


def address_of(media: Media) -> str:
    """Where the page finds it."""
    if media.id:
        return f"/files/kept/{media.id}"
    token = hashlib.sha256(media.link.encode()).hexdigest()[:24]
    _links[token] = media.link
    _links.move_to_end(token)
    if len(_links) > MOST_LINKS:
        _links.popitem(last=False)
    return f"/files/linked/{token}"


async def kept(request: web.Request) -> web.StreamResponse:
    """A file that was uploaded, or sent by a customer."""
    stage, media_id = request.app[STAGE], request.match_info["id"]
    facts = stage.world.media.get(media_id)
    file = stage.store.media_folder / media_id
    if facts is None or not file.exists():
        return web.FileResponse(PLACEHOLDER)
    mime_type = facts["mime_type"] if facts["mime_type"].startswith(SHOWABLE) else "application/octet-stream"
    return web.FileResponse(file, headers={"Content-Type": mime_type} | _guards())


async def linked(request: web.Request) -> web.StreamResponse:
    """What a link leads to; a placeholder when nothing is there."""
    link = _links.get(request.match_info["token"])
    found = await _fetch(link) if link else None
    if found is None:
        return web.FileResponse(PLACEHOLDER)
    mime_type, content = found
    return web.Response(body=content, headers={"Content-Type": mime_type, "Cache-Control": "max-age=300"} | _guards())


async def _fetch(link: str) -> tuple[str, bytes] | None:
    try:
        async with aiohttp.ClientSession(timeout=PATIENCE) as session, session.get(link) as answer:
            if answer.status != 200 or not answer.content_type.startswith(SHOWABLE):
                return None
            content = await answer.content.read(MOST_BYTES)
            return answer.content_type, content
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None


def _guards() -> dict[str, str]:
    """A picture that brings script (SVG) must not run it here."""
    return {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; style-src 'none'"}

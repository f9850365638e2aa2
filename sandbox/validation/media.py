"""Whether a media object leads to something that can be sent."""

from typing import Any

from sandbox.errors import GraphError, invalid, missing
from sandbox.world.world import World

# What Meta sends as which kind; a document may be anything.
TYPES = {
    "image": ("image/jpeg", "image/png"),
    "video": ("video/mp4", "video/3gpp"),
    "audio": ("audio/aac", "audio/amr", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/opus"),
    "sticker": ("image/webp",),
}


def check_media(kind: str, content: Any, world: World) -> None:
    """A media object needs a link, or the id of something uploaded that can be sent as this kind."""
    if not isinstance(content, dict) or not (content.get("id") or content.get("link")):
        raise missing(f"{kind}['id'] or {kind}['link']")
    if content.get("id"):
        _check_upload(kind, str(content["id"]), world)
    elif not str(content["link"]).startswith(("http://", "https://")):
        raise invalid(f"Param {kind}['link'] is not a valid URL.")


def _check_upload(kind: str, media_id: str, world: World) -> None:
    if media_id not in world.media:
        raise GraphError(100, f"Param {kind}['id'] is not a valid whatsapp business account media attachment ID")
    mime_type = world.media[media_id]["mime_type"].partition(";")[0]
    if kind in TYPES and mime_type not in TYPES[kind]:
        raise GraphError(131053, f"A file of type {mime_type} cannot be sent as {kind}.")

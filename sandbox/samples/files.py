"""A picture, a clip, a voice note, a song, a document and a sticker, to be sent by customers."""

import base64
import hashlib
import shutil
from pathlib import Path
from typing import Any

from sandbox.ids import new_node_id
from sandbox.stage import Stage

FOLDER = Path(__file__).parent
# What a customer may attach: the file and how Meta names its kind.
FILES = {
    "image": ("photo.jpg", "image/jpeg"),
    "video": ("clip.mp4", "video/mp4"),
    "audio": ("song.mp3", "audio/mpeg"),
    "voice": ("voice.ogg", "audio/ogg; codecs=opus"),
    "document": ("document.pdf", "application/pdf"),
    "sticker": ("sticker.webp", "image/webp"),
}


def keep(name: str, stage: Stage) -> dict[str, Any]:
    """Put the sample among the media, to be downloaded by its id; the answer is `{id, mime_type, sha256}` as in
    Meta's `messages[]`."""
    file, mime_type = FILES[name]
    media_id, content = new_node_id(), (FOLDER / file).read_bytes()
    stage.store.media_folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(FOLDER / file, stage.store.media_folder / media_id)
    stage.world.media[media_id] = {
        "id": media_id,
        "mime_type": mime_type,
        "sha256": hashlib.sha256(content).hexdigest(),
        "file_size": len(content),
    }
    stage.store.changed()
    return described(media_id, stage)


def described(media_id: str, stage: Stage) -> dict[str, Any]:
    """`{id, mime_type, sha256}` of something kept; the id alone of something that is not."""
    facts = stage.world.media.get(media_id)
    if facts is None:
        return {"id": media_id}
    digest = base64.b64encode(bytes.fromhex(facts["sha256"])).decode()  # webhooks write it so, the node in hex
    return {"id": media_id, "mime_type": facts["mime_type"], "sha256": digest}

"""Files at Meta: those in messages (upload, look up, fetch, delete), and samples for message templates."""

import base64
import binascii
from dataclasses import dataclass
from typing import BinaryIO

from app.meta.downloads import FileRefused
from app.meta.errors import OutcomeUnknown
from app.meta.foreign import integer, text
from app.meta.outcome import require_success
from app.meta.transport import Transport

MEGABYTE = 1024 * 1024
# What Meta takes, by media type, in bytes.
MAX_BYTES = {
    "image/jpeg": 5 * MEGABYTE,
    "image/png": 5 * MEGABYTE,
    "image/webp": 500 * 1024,
    "video/mp4": 16 * MEGABYTE,
    "video/3gpp": 16 * MEGABYTE,
}
MAX_AUDIO = 16 * MEGABYTE
MAX_DOCUMENT = 100 * MEGABYTE


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file at Meta. Its address opens for five minutes, and only with the token; size is in bytes."""

    id: str
    url: str
    mime_type: str | None
    sha256: str | None
    file_size: int | None


def largest(mime_type: str) -> int:
    """How many bytes Meta takes of this media type."""
    if mime_type.startswith("audio/"):
        return MAX_AUDIO
    return MAX_BYTES.get(mime_type.partition(";")[0].strip(), MAX_DOCUMENT)


def upload_media(
    transport: Transport, phone_number_id: str, filename: str, content: bytes | BinaryIO, mime_type: str
) -> str:
    """Store a file for messages of this number; its id, good for 30 days. Never repeated by itself."""
    form = {"messaging_product": "whatsapp", "type": mime_type}
    answer = transport.post_form(f"{phone_number_id}/media", form, {"file": (filename, content, mime_type)})
    return _id_in(answer, "id")


def read_media(transport: Transport, media_id: str) -> MediaFile:
    """Where the file of this id can be fetched right now, and what it is."""
    node = transport.get(media_id)
    return MediaFile(
        text(node.get("id")) or media_id,
        _id_in(node, "url"),
        text(node.get("mime_type")),
        text(node.get("sha256")),
        integer(node.get("file_size")),
    )


def download_media(transport: Transport, media: MediaFile, into: BinaryIO, max_bytes: int = MAX_DOCUMENT) -> str:
    """Fetch the file into `into`; its SHA-256 in hex. Raises FileRefused when it is too large or not the same file.

    What was written before an error stays in `into`: write to a place of its own and keep it after the return.
    """
    if (media.file_size or 0) > max_bytes:
        raise FileRefused(f"The file is larger than {max_bytes:,} bytes.")
    digest = transport.fetch(media.url, into, max_bytes)
    if media.sha256 and digest not in (media.sha256.lower(), _hex(media.sha256)):
        raise FileRefused("The file arrived damaged: its checksum is not the one Meta told.")
    return digest


def delete_media(transport: Transport, media_id: str) -> None:
    """Forget the file of this id."""
    require_success(transport.delete(media_id))


def upload_sample(
    transport: Transport, app_id: str, filename: str, content: bytes | BinaryIO, length: int, mime_type: str
) -> str:
    """Store a sample for a message template's header; its handle. `app_id` is the Meta app's, `length` in bytes."""
    form: dict[str, str | int] = {"file_name": filename, "file_length": length, "file_type": mime_type}
    session = _id_in(transport.post_form(f"{app_id}/uploads", form), "id")
    return _id_in(transport.post_bytes(session, content), "h")


def _id_in(answer: dict[str, object], name: str) -> str:
    found = text(answer.get(name))
    if found is None:
        raise OutcomeUnknown(f"an answer without {name}", 200)
    return found


def _hex(checksum: str) -> str | None:
    """A checksum in base 64, as webhooks have it, in hex."""
    try:
        return base64.b64decode(checksum, validate=True).hex()
    except (binascii.Error, ValueError):
        return None

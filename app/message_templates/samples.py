"""Sample files for the headers of templates: kept in our storage, handed to Meta when the template is submitted."""

from __future__ import annotations

from typing import IO

from flask import url_for
from itsdangerous import BadSignature, URLSafeSerializer

from app import config
from app.message_templates.models import MessageTemplate
from app.meta.media import MEGABYTE, largest
from app.shared.errors import Invalid, Missing
from app.storage import files
from app.storage.store import StorageError

SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "application/pdf": ".pdf",
}
MIME_TYPES = {suffix: mime_type for mime_type, suffix in SUFFIXES.items()}
# Kind of header -> the media types a sample may have, and how people call them.
TAKES = {
    "IMAGE": (("image/jpeg", "image/png"), "a JPEG or PNG image"),
    "VIDEO": (("video/mp4", "video/3gpp"), "an MP4 or 3GP video"),
    "DOCUMENT": (("application/pdf",), "a PDF"),
}


def keep(stream: IO[bytes], header_format: str) -> str:
    """Keep the file and return its key. Raises Invalid at header.sample when Meta would not take it.

    What a file is, its first bytes say: names and browsers may lie.
    """
    if header_format not in TAKES:
        raise Invalid("Only a header of an image, a video or a document has a sample file.", "header.sample")
    accepted, called = TAKES[header_format]
    mime_type = _mime_type(stream)
    if mime_type not in accepted:
        raise Invalid(f"The sample must be {called}; this file is something else.", "header.sample")
    most = largest(mime_type)
    if _length(stream) > most:
        raise Invalid(f"The sample may have at most {most // MEGABYTE} MB.", "header.sample")
    try:
        return files.save(MessageTemplate.sample_key, stream, SUFFIXES[mime_type])
    except StorageError as error:
        raise Invalid(str(error), "header.sample") from error


def mime_type_of(key: str) -> str:
    """The media type of a kept sample."""
    return MIME_TYPES.get(f".{key.rpartition('.')[2]}", "application/octet-stream")


def fits(key: str, header_format: str) -> bool:
    """Whether the kept sample is one for this kind of header."""
    return header_format in TAKES and mime_type_of(key) in TAKES[header_format][0]


def ticket(key: str) -> str:
    """The key as the browser gets it: signed, or anybody could ask for any stored file."""
    signed: str = _signer().dumps(key)
    return signed


def address(key: str | None) -> str | None:
    """Where the browser finds a kept sample."""
    return url_for("message_templates.sample_file", ticket=ticket(key)) if key else None


def key_of(signed: str) -> str:
    """The key in a ticket. Raises Missing for one that is not ours."""
    try:
        key: str = _signer().loads(signed)
    except BadSignature as error:
        raise Missing("There is no such sample.") from error
    return key


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(config.current().secret_key, salt="template-sample")


def _length(stream: IO[bytes]) -> int:
    length = stream.seek(0, 2)
    stream.seek(0)
    return length


def _mime_type(stream: IO[bytes]) -> str:
    head = stream.read(12)
    stream.seek(0)
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head[4:8] == b"ftyp":
        return "video/3gpp" if head[8:10] == b"3g" else "video/mp4"
    return "application/octet-stream"

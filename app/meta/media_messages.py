"""Pictures, videos, documents, sounds and stickers as messages. A file is an https address or an uploaded file's id."""

from app.meta.envelope import Payload, envelope, media, words

MAX_CAPTION = 1024


def image_message(
    to: str | None,
    image: str,
    callback_data: str,
    *,
    caption: str | None = None,
    reply_to: str | None = None,
    recipient: str | None = None,
) -> Payload:
    """The body of a picture (JPEG or PNG, up to 5 MB)."""
    content = media("image", "The picture", image, caption=_caption(caption))
    return envelope("image", content, to, callback_data, recipient, reply_to)


def video_message(
    to: str | None,
    video: str,
    callback_data: str,
    *,
    caption: str | None = None,
    reply_to: str | None = None,
    recipient: str | None = None,
) -> Payload:
    """The body of a video (MP4 or 3GP, up to 16 MB)."""
    content = media("video", "The video", video, caption=_caption(caption))
    return envelope("video", content, to, callback_data, recipient, reply_to)


def document_message(
    to: str | None,
    document: str,
    callback_data: str,
    *,
    filename: str | None = None,
    caption: str | None = None,
    reply_to: str | None = None,
    recipient: str | None = None,
) -> Payload:
    """The body of a document (up to 100 MB); phones show `filename` and choose the icon by its ending."""
    content = media("document", "The document", document, caption=_caption(caption), filename=filename)
    return envelope("document", content, to, callback_data, recipient, reply_to)


def audio_message(
    to: str | None,
    audio: str,
    callback_data: str,
    *,
    voice: bool | None = None,
    reply_to: str | None = None,
    recipient: str | None = None,
) -> Payload:
    """The body of a sound (up to 16 MB); `voice` shows it as a voice message, which wants OGG with Opus."""
    content = media("audio", "The sound", audio, voice=voice)
    return envelope("audio", content, to, callback_data, recipient, reply_to)


def sticker_message(
    to: str | None,
    sticker: str,
    callback_data: str,
    *,
    reply_to: str | None = None,
    recipient: str | None = None,
) -> Payload:
    """The body of a sticker (WebP, up to 100 KB, animated 500 KB)."""
    return envelope("sticker", media("sticker", "The sticker", sticker), to, callback_data, recipient, reply_to)


def _caption(caption: str | None) -> str | None:
    return words("caption", "The caption", caption, MAX_CAPTION) if caption else None

"""Files that Meta keeps for us: which addresses may see our token, and a copy that cannot grow without end."""

import hashlib
from collections.abc import Iterable
from typing import BinaryIO
from urllib.parse import urlsplit

from app.meta.errors import MetaFailure

# Where the addresses of media lead to, and their subdomains; nobody else gets the token.
META_HOSTS = ("facebook.com", "fbsbx.com", "fbcdn.net", "whatsapp.net", "whatsapp.com")
CHUNK = 65_536


class FileRefused(MetaFailure):
    """A file we do not take, from us or from Meta; the text is a sentence for people."""

    code = 131052


def is_of(url: str, base_url: str) -> bool:
    """Whether the address is on the Graph API's own server: same scheme, host and port."""
    return _origin(url) == _origin(base_url) is not None


def is_trusted(url: str, base_url: str) -> bool:
    """Whether our token may go there: to the Graph API itself, or over https to a host of Meta's."""
    origin = _origin(url)
    if origin is None:
        return False
    scheme, host, port = origin
    is_metas = any(host == known or host.endswith(f".{known}") for known in META_HOSTS)
    return is_of(url, base_url) or (scheme == "https" and port in (None, 443) and is_metas)


def copy(chunks: Iterable[bytes], into: BinaryIO, max_bytes: int) -> str:
    """Write the bytes into `into`; their SHA-256 in hex. Raises FileRefused beyond `max_bytes`."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise FileRefused(f"The file is larger than {max_bytes:,} bytes.")
        digest.update(chunk)
        into.write(chunk)
    return digest.hexdigest()


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None for what is no address, or hides a host behind a user's name."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if "\\" in url or "@" in parts.netloc or not parts.hostname:
        return None
    return parts.scheme.lower(), parts.hostname.lower(), port

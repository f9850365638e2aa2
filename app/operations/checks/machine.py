"""This machine and its settings: room, files, secrets."""

from __future__ import annotations

import base64
import shutil
import tempfile

from cryptography.fernet import InvalidToken

from app import config
from app.channels.queries import the_channel
from app.extensions import db
from app.operations.checks.findings import Finding, bad, ok, warn

LITTLE_DISK, NO_DISK = 2 * 1024**3, 256 * 1024**2
STRONG_KEY = 32  # characters of the secret key
VARIED = 12  # different characters of it, different bytes of an encryption key
MAKE_KEY = "Set a random one: python -c 'import secrets; print(secrets.token_urlsafe(48))'"


def disk() -> Finding:
    """There is room for uploads."""
    folder = next(path for path in (config.current().var_dir, *config.current().var_dir.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    words = f"{free / 1024**3:.1f} GB are free for files."
    if free < NO_DISK:
        return bad("Disk", words, "Free some: uploads and the embedded servers will fail.")
    return warn("Disk", words, "Free some soon.") if free < LITTLE_DISK else ok("Disk", words)


def storage() -> Finding:
    """Files can be kept and read again."""
    folder = config.current().var_dir / "files"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"bulbul")
            file.flush()
    except OSError as error:
        sentence = f"No file can be kept in {folder}: {error.strerror or type(error).__name__}."
        return bad("Storage", sentence, "Let the user that Bulbul runs as write to VAR_DIR.")
    return ok("Storage", "Files can be kept.")


def secret_key() -> Finding:
    """The key under cookies and form tokens cannot be guessed."""
    key = config.current().secret_key
    if len(key) < STRONG_KEY or len(set(key)) < VARIED:
        return warn("Secret key", "SECRET_KEY is short or repeats itself; logins could be forged.", MAKE_KEY)
    return ok("Secret key", "SECRET_KEY is long and varied.")


def field_encryption() -> Finding:
    """The keys of the encrypted columns are no mere placeholders, and open what is stored."""
    try:
        the_channel()
    except InvalidToken:
        db.session.rollback()
        sentence = "The stored secrets were written with a key that FIELD_ENCRYPTION_KEYS no longer holds."
        return bad("Field encryption", sentence, "Add the old key behind the new one.")
    if any(len(set(base64.urlsafe_b64decode(key))) < VARIED for key in config.current().field_encryption_keys):
        fix = "Put a key made by Fernet.generate_key() before it, keep the old one behind."
        return warn("Field encryption", "A key of FIELD_ENCRYPTION_KEYS repeats itself; it could be guessed.", fix)
    return ok("Field encryption", "Tokens and secrets are stored encrypted, and can be read.")

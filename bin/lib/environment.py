"""The environment in which the product's programs run: what the caller set, and what was made up and kept."""

from __future__ import annotations

import base64
import os
import re
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path

# The variables that speak to the product, whatever else stands in somebody's environment.
OURS = re.compile(
    r"(PORT|SANDBOX_.+|VAR_DIR|WORKERS|PUBLIC_URL|LOG_LEVEL|MAX_UPLOAD_MB|SENDER_THREADS|SEND_SLOTS"
    r"|(DATABASE|REDIS)_URL|SECRET_KEY|FIELD_ENCRYPTION_KEYS|(ADMIN|WHATSAPP|META|RAZORPAY|S3|BULBUL)_.+)"
)


def var_dir(environ: Mapping[str, str]) -> Path:
    """The folder of everything that is made while running."""
    return Path(environ.get("VAR_DIR") or "var").resolve()


def is_on_sandbox(environ: Mapping[str, str]) -> bool:
    """Whether the sandbox stands in for Meta."""
    return not environ.get("WHATSAPP_ACCESS_TOKEN")


def assemble(caller: Mapping[str, str], database_url: str, redis_url: str) -> dict[str, str]:
    """The caller's environment with the servers' addresses and the keys that belong to the caller's `VAR_DIR`."""
    given = {name: value for name, value in caller.items() if value or not OURS.fullmatch(name)}
    given.pop("ADMIN_PASSWORD", None)  # for the one command that makes the first owner
    folder = var_dir(caller)
    servers = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "VAR_DIR": str(folder)}
    return _keys(folder / "secrets.env", given) | {"PYTHONUNBUFFERED": "1"} | given | servers


def write_variables(file: Path, variables: Mapping[str, str]) -> None:
    """Write `variables` for our own eyes, in a form that a shell can read, too."""
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.writelines(f"{name}={shlex.quote(value)}\n" for name, value in variables.items())
    draft.rename(file)


def read_variables(file: Path) -> dict[str, str]:
    """What `write_variables` wrote; empty when there is no file."""
    if not file.exists():
        return {}
    return dict(word.split("=", 1) for word in shlex.split(file.read_text()))


def ours(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that speak to the product."""
    return {name: value for name, value in environment.items() if OURS.fullmatch(name)}


def _keys(file: Path, given: Mapping[str, str]) -> dict[str, str]:
    kept = read_variables(file)
    made = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }
    missing = {name: value for name, value in made.items() if name not in kept and name not in given}
    if missing:
        write_variables(file, kept | missing)
    return kept | missing

"""Configuration: every environment variable the product reads, read here and nowhere else.

A bad value stops the start with one sentence (`ConfigError`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from flask import current_app

SANDBOX_TOKEN = "sandbox-token"  # the sandbox takes any token; this one says what it is


class ConfigError(Exception):
    """A setting that cannot work; the message is one sentence for the person who set it."""


@dataclass(frozen=True, slots=True)
class Config:
    """The product's settings, validated. Times in seconds, sizes in bytes."""

    database_url: str
    redis_url: str
    secret_key: str
    field_encryption_keys: tuple[str, ...]
    var_dir: Path
    public_url: str
    sandbox: bool
    sandbox_url: str
    access_token: str
    phone_id: str
    business_account_id: str
    app_secret: str
    verify_token: str
    daily_limit: int | None
    graph_url: str
    graph_version: str
    admin_email: str
    admin_password: str
    log_level: str
    max_upload: int
    sender_threads: int
    send_slots: int
    alert_email: str
    smtp_url: str
    alert_webhook_url: str
    testing: bool

    @property
    def behind_tls(self) -> bool:
        """True when people reach us over HTTPS, so that cookies may be marked Secure."""
        return self.public_url.startswith("https://")


def load(environ: Mapping[str, str]) -> Config:
    """The configuration in `environ`. Raises `ConfigError` with one sentence for the first bad value."""
    sandbox = not environ.get("WHATSAPP_ACCESS_TOKEN")
    sandbox_url = f"http://127.0.0.1:{_integer(environ, 'SANDBOX_PORT', 8001, low=1, high=65535)}"
    return Config(
        database_url=_database_url(environ),
        redis_url=_required(environ, "REDIS_URL", "the Redis server, for example redis://127.0.0.1:6379/0"),
        secret_key=_secret_key(environ),
        field_encryption_keys=_encryption_keys(environ),
        var_dir=Path(environ.get("VAR_DIR") or "var").resolve(),
        public_url=_public_url(environ),
        sandbox=sandbox,
        sandbox_url=sandbox_url,
        access_token=_token(environ),
        phone_id=_whatsapp(environ, "WHATSAPP_PHONE_ID", sandbox, "100000000000001"),
        business_account_id=_whatsapp(environ, "WHATSAPP_BUSINESS_ACCOUNT_ID", sandbox, "200000000000001"),
        app_secret=_whatsapp(environ, "WHATSAPP_APP_SECRET", sandbox, "sandbox-app-secret"),
        verify_token=_whatsapp(environ, "WHATSAPP_VERIFY_TOKEN", sandbox, "sandbox-verify"),
        daily_limit=_optional_integer(environ, "WHATSAPP_DAILY_LIMIT"),
        graph_url=_url(environ, "META_GRAPH_URL", sandbox_url if sandbox else "https://graph.facebook.com"),
        graph_version=_graph_version(environ),
        admin_email=environ.get("ADMIN_EMAIL", ""),
        admin_password=environ.get("ADMIN_PASSWORD", ""),
        log_level=_choice(environ, "LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
        max_upload=_integer(environ, "MAX_UPLOAD_MB", 1024, low=1, high=10_000) * 1024 * 1024,
        sender_threads=_integer(environ, "SENDER_THREADS", 25, low=1, high=200),
        send_slots=_integer(environ, "SEND_SLOTS", 1, low=1, high=32),
        alert_email=_alert_email(environ),
        smtp_url=_smtp_url(environ),
        alert_webhook_url=_url(environ, "ALERT_WEBHOOK_URL", "") if environ.get("ALERT_WEBHOOK_URL") else "",
        testing=environ.get("BULBUL_TESTING") == "1",
    )


def current() -> Config:
    """The configuration of the running application."""
    config: Config = current_app.extensions["bulbul_config"]
    return config


def _required(environ: Mapping[str, str], name: str, what: str) -> str:
    if value := environ.get(name):
        return value
    raise ConfigError(f"{name} is not set; it must name {what}. (bin/up sets it for you.)")


def _database_url(environ: Mapping[str, str]) -> str:
    url = _required(environ, "DATABASE_URL", "a PostgreSQL database, for example postgresql://localhost/bulbul")
    if not re.match(r"postgres(ql)?(\+psycopg)?://", url):
        raise ConfigError("DATABASE_URL must begin with postgresql://; Bulbul runs on PostgreSQL only.")
    return re.sub(r"^postgres(ql)?(\+psycopg)?://", "postgresql+psycopg://", url)


def _secret_key(environ: Mapping[str, str]) -> str:
    key = _required(environ, "SECRET_KEY", "a long random text")
    if len(key) < 16:
        raise ConfigError("SECRET_KEY is shorter than 16 characters; use a long random text.")
    return key


def _encryption_keys(environ: Mapping[str, str]) -> tuple[str, ...]:
    text = _required(environ, "FIELD_ENCRYPTION_KEYS", "one or more Fernet keys, newest first")
    keys = tuple(key.strip() for key in text.split(",") if key.strip())
    for key in keys:
        try:
            Fernet(key)
        except ValueError as error:
            raise ConfigError("FIELD_ENCRYPTION_KEYS holds a text that is no Fernet key.") from error
    return keys


def _public_url(environ: Mapping[str, str]) -> str:
    port = _integer(environ, "PORT", 8000, low=1, high=65535)
    return _url(environ, "PUBLIC_URL", f"http://127.0.0.1:{port}")


def _whatsapp(environ: Mapping[str, str], name: str, sandbox: bool, stand_in: str) -> str:
    if value := environ.get(name):
        return value
    if sandbox:
        return stand_in
    raise ConfigError(f"WHATSAPP_ACCESS_TOKEN is set, so {name} must be set too.")


def _token(environ: Mapping[str, str]) -> str:
    token = environ.get("WHATSAPP_ACCESS_TOKEN") or SANDBOX_TOKEN
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError("WHATSAPP_ACCESS_TOKEN holds a blank or a character that no token has; copy it again.")
    return token


def _graph_version(environ: Mapping[str, str]) -> str:
    version = environ.get("META_GRAPH_VERSION") or "v26.0"
    if not re.fullmatch(r"v\d+\.\d+", version):
        raise ConfigError(f"META_GRAPH_VERSION is {version!r}; it looks like v26.0.")
    return version


def _url(environ: Mapping[str, str], name: str, default: str) -> str:
    url = (environ.get(name) or default).rstrip("/")
    if not re.match(r"https?://[^/]+", url):
        raise ConfigError(f"{name} is {url!r}; it must begin with http:// or https://.")
    return url


def _alert_email(environ: Mapping[str, str]) -> str:
    address = environ.get("ALERT_EMAIL", "").strip()
    if not address:
        return ""
    if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", address):
        raise ConfigError(f"ALERT_EMAIL is {address!r}; it must be one e-mail address.")
    if not environ.get("SMTP_URL"):
        raise ConfigError(
            "ALERT_EMAIL is set, so SMTP_URL must name a mail server, such as smtps://me:secret@host:465."
        )
    return address


def _smtp_url(environ: Mapping[str, str]) -> str:
    url = environ.get("SMTP_URL", "").strip()
    found = re.fullmatch(r"smtps?://([^/@:]+:[^/@]*@)?(\[[0-9a-fA-F:]+\]|[^/@:\[\]]+)(:(?P<port>\d{1,5}))?/?", url)
    if url and (found is None or not 0 < int(found["port"] or 25) < 65_536):
        raise ConfigError("SMTP_URL cannot be read; it looks like smtps://user:password@host:465 (percent-encoded).")
    return url


def _optional_integer(environ: Mapping[str, str], name: str) -> int | None:
    return _integer(environ, name, 0, low=0, high=10_000_000) if environ.get(name) else None


def _integer(environ: Mapping[str, str], name: str, default: int, *, low: int, high: int) -> int:
    text = environ.get(name) or str(default)
    if not re.fullmatch(r"-?\d+", text) or not low <= int(text) <= high:
        raise ConfigError(f"{name} is {text!r}; it must be a whole number from {low} to {high}.")
    return int(text)


def _choice(environ: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    value = (environ.get(name) or default).upper()
    if value not in choices:
        raise ConfigError(f"{name} is {value!r}; it must be one of {', '.join(choices)}.")
    return value

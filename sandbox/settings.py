"""What the environment decides, read once at the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BUSINESS_ID = "300000000000001"
APP_ID = "400000000000001"


@dataclass(frozen=True)
class Settings:
    """Everything the sandbox takes from outside before it starts."""

    port: int
    folder: Path
    webhook_url: str
    app_secret: str
    phone_id: str
    account_id: str
    razorpay_webhook_url: str
    razorpay_key_id: str
    razorpay_key_secret: str
    razorpay_webhook_secret: str


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings out of environment variables; ends the program with one sentence about a bad value."""
    product = f"http://127.0.0.1:{_port(environ, 'PORT', 8000)}"
    return Settings(
        port=_port(environ, "SANDBOX_PORT", 8001),
        folder=Path(environ.get("VAR_DIR") or "var") / "sandbox",
        webhook_url=environ.get("SANDBOX_WEBHOOK_URL") or f"{product}/webhooks/whatsapp",
        app_secret=environ.get("WHATSAPP_APP_SECRET") or "sandbox-app-secret",
        phone_id=environ.get("WHATSAPP_PHONE_ID") or "100000000000001",
        account_id=environ.get("WHATSAPP_BUSINESS_ACCOUNT_ID") or "200000000000001",
        razorpay_webhook_url=environ.get("SANDBOX_RAZORPAY_WEBHOOK_URL") or f"{product}/webhooks/razorpay",
        razorpay_key_id=environ.get("RAZORPAY_KEY_ID") or "rzp_test_sandbox",
        razorpay_key_secret=environ.get("RAZORPAY_KEY_SECRET") or "sandbox-razorpay-secret",
        razorpay_webhook_secret=environ.get("RAZORPAY_WEBHOOK_SECRET") or "sandbox-razorpay-webhook-secret",
    )


def _port(environ: Mapping[str, str], name: str, otherwise: int) -> int:
    given = environ.get(name) or str(otherwise)
    if not given.isdigit() or not 1 <= int(given) <= 65535:
        raise SystemExit(f"{name} must be a port number between 1 and 65535, not {given!r}.")
    return int(given)

"""The configuration: a bad value stops the start with one sentence."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from app import config

GOOD = {
    "DATABASE_URL": "postgresql://localhost/bulbul",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "SECRET_KEY": "0123456789abcdef",
    "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
}


def test_it_runs_on_the_sandbox_without_a_token() -> None:
    settings = config.load(GOOD)
    assert settings.sandbox
    assert settings.graph_url == settings.sandbox_url


def test_it_speaks_to_meta_with_a_token() -> None:
    real = {
        "WHATSAPP_ACCESS_TOKEN": "EAAB",
        "WHATSAPP_PHONE_ID": "1",
        "WHATSAPP_BUSINESS_ACCOUNT_ID": "2",
        "WHATSAPP_APP_SECRET": "s",
        "WHATSAPP_VERIFY_TOKEN": "v",
    }
    settings = config.load(GOOD | real)
    assert not settings.sandbox
    assert settings.graph_url == "https://graph.facebook.com"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DATABASE_URL", "sqlite:///x.db", "PostgreSQL only"),
        ("DATABASE_URL", "", "DATABASE_URL is not set"),
        ("SECRET_KEY", "short", "shorter than 16"),
        ("FIELD_ENCRYPTION_KEYS", "nonsense", "no Fernet key"),
        ("PORT", "80a", "whole number"),
        ("PORT", "99999", "whole number"),
        ("PUBLIC_URL", "shop.example", "http://"),
        ("META_GRAPH_VERSION", "26", "v26.0"),
        ("WHATSAPP_DAILY_LIMIT", "-1", "whole number"),
        ("WHATSAPP_ACCESS_TOKEN", "EAAB", "WHATSAPP_PHONE_ID must be set"),
        ("WHATSAPP_ACCESS_TOKEN", "EA AB", "no token has"),
        ("LOG_LEVEL", "loud", "one of"),
        ("ALERT_EMAIL", "mona@shop.example", "SMTP_URL must name"),
        ("ALERT_EMAIL", "Mona <mona@shop.example>", "one e-mail address"),
        ("SMTP_URL", "mail.example:25", "smtps://user:password@host"),
        ("SMTP_URL", "smtp://me:se/cret@mail.example", "percent-encoded"),
        ("SMTP_URL", "smtp://mail.example:99999", "cannot be read"),
        ("ALERT_WEBHOOK_URL", "hooks.example", "http://"),
    ],
)
def test_it_refuses_a_bad_value_with_a_sentence(name: str, value: str, words: str) -> None:
    with pytest.raises(config.ConfigError, match=words):
        config.load(GOOD | {name: value})


def test_alerts_may_go_by_mail_and_by_post() -> None:
    urls = {
        "SMTP_URL": "smtps://me%40shop.example:a%2Fb@mail.example:465",
        "ALERT_WEBHOOK_URL": "https://hooks.example/a",
    }
    settings = config.load(GOOD | urls | {"ALERT_EMAIL": "mona@shop.example"})
    assert (settings.alert_email, settings.alert_webhook_url) == ("mona@shop.example", "https://hooks.example/a")
    assert config.load(GOOD).alert_webhook_url == ""

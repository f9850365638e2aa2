"""Columns encrypted at rest, with keys that can be rotated."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from sqlalchemy import Text
from sqlalchemy.types import TypeDecorator

from app import config


class Encrypted(TypeDecorator[str]):
    """A text encrypted with the first of FIELD_ENCRYPTION_KEYS, readable with any of them."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else _fernet().encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else _fernet().decrypt(value.encode()).decode()


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in config.current().field_encryption_keys])

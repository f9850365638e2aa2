"""Files are kept whole, found by key, and stay inside their folder."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask

from app import config
from app.customers.imports.models import Import
from app.storage import files
from app.storage.store import NotStored, TooLarge


def test_it_gives_back_what_was_saved(app: Flask) -> None:
    key = files.save(Import.file_key, BytesIO(b"Name;Phone\n"), ".csv")

    with files.open_file(key) as file:
        assert file.read() == b"Name;Phone\n"
    assert files.size(key) == 11
    assert key.endswith(".csv")


def test_it_refuses_more_than_the_largest_upload_and_leaves_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "bulbul_config", replace(config.current(), max_upload=10))
    before = _stored()

    with pytest.raises(TooLarge):
        files.save(Import.file_key, BytesIO(b"x" * 11))

    assert _stored() == before


def test_it_forgets_a_deleted_file(app: Flask) -> None:
    key = files.save(Import.file_key, BytesIO(b"x"))
    files.delete(key)
    files.delete(key)

    with pytest.raises(NotStored):
        files.open_file(key)


@pytest.mark.parametrize("key", ["../secret", "/etc/passwd", "2026/../../secret", "", "."])
def test_a_key_never_leads_out_of_the_folder(app: Flask, key: str) -> None:
    (config.current().var_dir / "secret").write_text("keys")

    with pytest.raises(NotStored):
        files.open_file(key)


def test_a_given_suffix_is_not_trusted(app: Flask) -> None:
    assert "passwd" not in files.save(Import.file_key, BytesIO(b"x"), "/../passwd")


def _stored() -> set[str]:
    return {str(path) for path in (config.current().var_dir / "files").rglob("*")}

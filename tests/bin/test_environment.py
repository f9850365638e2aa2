from __future__ import annotations

import stat
from pathlib import Path

from cryptography.fernet import Fernet

from environment import assemble, read_variables, write_variables  # isort: skip


def test_it_makes_the_keys_once_and_keeps_them_private(tmp_path: Path) -> None:
    caller = {"VAR_DIR": str(tmp_path)}
    first, second = assemble(caller, "d", "r"), assemble(caller, "d", "r")
    assert first["SECRET_KEY"] == second["SECRET_KEY"]
    assert Fernet(first["FIELD_ENCRYPTION_KEYS"])
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600


def test_it_prefers_the_callers_keys_and_never_stores_them(tmp_path: Path) -> None:
    made = assemble({"VAR_DIR": str(tmp_path), "SECRET_KEY": "mine"}, "d", "r")
    assert made["SECRET_KEY"] == "mine"
    assert "SECRET_KEY" not in read_variables(tmp_path / "secrets.env")


def test_it_keeps_the_owners_password_out_of_the_programs(tmp_path: Path) -> None:
    assert "ADMIN_PASSWORD" not in assemble({"VAR_DIR": str(tmp_path), "ADMIN_PASSWORD": "x"}, "d", "r")


def test_it_reads_back_what_it_wrote(tmp_path: Path) -> None:
    variables = {"A": "spaces and 'quotes'", "B": "line\nbreak", "C": "", "D": "a=b#c $HOME"}
    write_variables(tmp_path / "some.env", variables)
    assert read_variables(tmp_path / "some.env") == variables

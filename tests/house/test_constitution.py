"""The constitution as tests: who may commit, who may come in, what a template may hold."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.extensions import db
from app.storage import lost

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app"

# Doors commit and ring: routes, jobs, command lines, the tick and the programs that run it.
DOORS = re.compile(r"(^|/)(routes|jobs|cli|api)(/|\.py$)|(^|/)(tick|scheduler|rings|seed)(/|\.py$)")
# Each outside of a door says in its docstring why its transaction is its own.
TRANSACTIONS_OF_THEIR_OWN = {"auth/sessions.py", "shared/queues.py"}

PUBLIC = {
    "static",
    "auth.login",
    "auth.log_in",
    "webhooks.handshake",
    "operations.healthz",
    "operations.readyz",
    "operations.metrics",
    "api.openapi",
}
# What Meta posts is taken in front of Flask (ADR 7) and proved by its signature; the API by a bearer token.
WITHOUT_CSRF: set[str] = set()


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(APP.rglob("*.py")):
        yield path.relative_to(APP).as_posix(), ast.parse(path.read_text())


def calls(tree: ast.Module, names: set[str]) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names
    ]


def test_it_lets_only_doors_commit_and_ring() -> None:
    offenders = [
        f"{name}:{line}"
        for name, tree in modules()
        if not DOORS.search(name) and name not in TRANSACTIONS_OF_THEIR_OWN
        for line in calls(tree, {"commit", "enqueue", "ring", "ring_once"})
    ]
    assert offenders == []


def test_it_imports_inside_functions_only_in_the_factory() -> None:
    offenders = [
        f"{name}:{inner.lineno}"
        for name, tree in modules()
        if name != "__init__.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert offenders == []


def test_its_rooms_doors_hold_one_docstring() -> None:
    for name, tree in modules():
        if name.endswith("/__init__.py") and "/routes/" not in name:
            assert len(tree.body) == 1, f"app/{name}: a docstring and nothing else"
            assert ast.get_docstring(tree), f"app/{name} says nothing"


def test_it_tells_the_time_with_a_zone() -> None:
    offenders = [f"{name}:{line}" for name, tree in modules() for line in calls(tree, {"utcnow", "utcfromtimestamp"})]
    assert offenders == []


def test_it_keeps_the_import_law() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_every_page_asks_who_is_there(app: Flask) -> None:
    client = app.test_client()
    strangers_path = {"int": "1", "string": "x", "uuid": "00000000-0000-7000-8000-000000000000"}
    open_doors = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC or "GET" not in (rule.methods or set()):
            continue
        path = re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda m: strangers_path.get(m[1] or "string", "x"), rule.rule)
        answer = client.get(path)
        to_login = answer.status_code in (302, 303) and "/login" in answer.headers["Location"]
        if not to_login and answer.status_code != 401:
            open_doors.append(f"{rule.endpoint} {path}: {answer.status_code}")
    assert open_doors == []


def test_every_writing_page_wants_a_csrf_token(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    client = app.test_client()
    open_doors = []
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
            if rule.endpoint in WITHOUT_CSRF or rule.endpoint.startswith("api."):
                continue
            path = re.sub(r"<[^>]+>", "00000000-0000-7000-8000-000000000000", rule.rule)
            answer = client.open(path, method=method)
            if answer.status_code not in (400, 404):
                open_doors.append(f"{method} {rule.endpoint}: {answer.status_code}")
    assert open_doors == []


def test_every_api_call_wants_a_token(app: Flask) -> None:
    client = app.test_client()
    open_doors = []
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/api/") or rule.endpoint in PUBLIC:
            continue
        path = re.sub(r"<[^>]+>", "00000000-0000-7000-8000-000000000000", rule.rule)
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            if client.open(path, method=method).status_code != 401:
                open_doors.append(f"{method} {path}")
    assert open_doors == []


def test_every_column_that_names_files_is_known_as_one(app: Flask) -> None:
    """Files that no column of the type names are deleted; to save one for any other column is refused."""
    named = {str(column) for table in db.metadata.sorted_tables for column in table.c if column.name.endswith("_key")}
    assert named == {str(column) for column in lost.columns()}


def templates() -> list[Path]:
    return sorted((APP / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", templates(), ids=lambda path: path.name)
def test_a_template_holds_no_inline_script_or_style(path: Path) -> None:
    html = re.sub(r"{#.*?#}", "", path.read_text(), flags=re.S)
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", html), "inline script"
    assert not re.search(r"<style\b|\sstyle\s*=", html), "inline style"
    assert not re.search(r"<[^>]+\son\w+\s*=", html), "inline handler"
    assert not re.search(r"(href|src)=[\"']https?://(?!example)", html), "something from elsewhere"

"""What is logged names no customer, also where an error quotes the row it stumbled over."""

from __future__ import annotations

import ast
import logging
from pathlib import Path

import pytest
import structlog
from flask import Flask
from rq import Queue

from app.customers.models import Customer
from app.extensions import db, redis_connection
from app.operations.worker import HouseWorker
from app.shared import logs
from tests import factories

PEOPLE = ("+919812345678", "919812345678", "9812345678", "+91 98123 45678", "wamid.HBgMOTE5ODEyMzQ1Njc4FQIAERgS")


@pytest.mark.parametrize("name", [*PEOPLE, "098123 45678", "zarina.q@mail.example.org", "IN.13491208655302741918"])
def test_it_masks_whoever_is_named(name: str) -> None:
    assert logs.nameless(f"Key (phone)=({name}) already exists.") == f"Key (phone)=({logs.MASK}) already exists."


@pytest.mark.parametrize(
    "words", ["2026-11-21T17:04:05.123456Z", "job 12345678", "01970000-0000-7000-8000-000000000001"]
)
def test_it_leaves_times_and_ids_alone(words: str) -> None:
    assert logs.nameless(words) == words


def test_an_error_of_the_database_is_logged_without_its_values(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers, root.level
    logs.configure("INFO")
    try:
        _stumble()
    finally:
        root.handlers, root.level = before, level
    written = capsys.readouterr().out
    assert "UniqueViolation" in written
    assert "9812345678" not in written
    assert "Zarina" not in written


def _stumble() -> None:
    asha = {"phone": PEOPLE[0], "name": f"Zari{'na'}"}  # a traceback quotes the program's own lines
    factories.make_customer(**asha)
    try:
        factories.make_customer(**asha)
    except Exception:
        structlog.get_logger().exception("import.failed", numbers=["919812345678"])
        logging.getLogger("library").exception("failed for %s", "+91 98123 45678")
    db.session.rollback()


def fail_for(number: int) -> None:
    """A job that quotes a number when it fails."""
    db.session.add(Customer(phone="+919812345678"))
    raise ValueError("no such number: +919812345678")


def test_what_redis_keeps_of_a_failed_job_names_nobody(app: Flask) -> None:
    queue = Queue("receipts", connection=redis_connection())
    job = queue.enqueue(fail_for, 1)
    HouseWorker([queue], connection=redis_connection()).work(burst=True)
    result = job.latest_result()
    kept = result.exc_string if result else None
    assert kept is not None
    assert "no such number: •••" in kept
    assert "9812345678" not in kept


def test_no_line_is_written_with_an_address_on_purpose() -> None:
    forbidden = {"phone", "number", "recipient", "contact", "to", "wamid", "user_id", "name", "email", "body"}
    offenders = [
        f"{path}:{node.lineno}"
        for path in Path("app").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in ("log", "logger")
        for word in node.keywords
        if word.arg in forbidden
    ]
    assert offenders == []

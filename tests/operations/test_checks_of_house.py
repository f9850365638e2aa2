"""What the doctor finds inside the house: each broken thing, with its cure."""

from __future__ import annotations

import shutil
from datetime import timedelta
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from rq import Worker

from app.extensions import redis_connection
from app.operations.checks import clocks, database, doorbell, machine
from app.operations.checks.findings import Level
from app.shared import clock, queues
from tests.operations import failing_jobs


def test_it_finds_redis_away(app: Flask, redis_away) -> None:
    assert doorbell.redis().level is Level.BAD
    assert doorbell.redis_memory().level is Level.BAD
    assert doorbell.failed_jobs() is None
    assert "Redis is away" in doorbell.worker().sentence


def test_it_finds_a_redis_that_throws_jobs_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"maxmemory_policy": "allkeys-lru", "aof_enabled": 1}
    monkeypatch.setitem(app.extensions, "redis", SimpleNamespace(info=lambda: facts))
    assert doorbell.redis_memory().fix == "Set maxmemory-policy noeviction."


def test_it_warns_of_a_redis_without_a_log(app: Flask) -> None:
    before = redis_connection().config_get("appendonly")["appendonly"]
    finding = doorbell.redis_memory()
    assert finding.level is (Level.OK if before == "yes" else Level.WARN)


def test_it_finds_nobody_at_work(app: Flask) -> None:
    assert doorbell.worker().fix == "Start one: python worker.py"
    assert doorbell.scheduler().fix == "Start one: python worker.py --scheduler"


def test_it_finds_somebody_at_work(app: Flask, worker, ticking) -> None:
    assert doorbell.worker().sentence == "One is at work; every queue is served."
    assert doorbell.scheduler().level is Level.OK


def test_it_finds_a_queue_that_nobody_serves(app: Flask) -> None:
    worker = Worker([queues.queue(name) for name in queues.ALL[1:]], connection=redis_connection())
    worker.register_birth()
    assert doorbell.worker().fix == "Start one: python worker.py receipts"
    worker.register_death()


def test_it_counts_failed_jobs(app: Flask, failed_job) -> None:
    assert doorbell.failed_jobs().level is Level.OK
    failed_job(failing_jobs.choke, 7)
    assert doorbell.failed_jobs().sentence == "1 job has failed."


def test_it_finds_old_tables(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_head", lambda directory: "9999")
    assert database.migrations().fix == "Run: flask db upgrade"


def test_it_finds_an_old_postgresql(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "OLDEST_POSTGRESQL", 99)
    assert "too old" in database.database().sentence


def test_it_finds_a_zone_that_the_two_see_differently(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert database.time_zones().level is Level.OK
    monkeypatch.setattr(database, "ZoneInfo", lambda name: clock.now().tzinfo)
    assert database.time_zones().fix == "Upgrade the tzdata packages on both machines."


def test_it_finds_a_zone_that_postgresql_does_not_know(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database.workspace, "zone", lambda: SimpleNamespace(key="Asia/Nowhere"))
    assert database.time_zones().sentence == "PostgreSQL does not know Asia/Nowhere."


def test_it_finds_a_wrong_clock(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    late = clock.now() - timedelta(minutes=5)
    monkeypatch.setattr(clock, "now", lambda: late)
    assert clocks.clock_of_database().sentence == "This machine and the database are 5 minutes apart."


@pytest.mark.parametrize(("free", "level"), [(10**8, Level.BAD), (10**9, Level.WARN), (10**11, Level.OK)])
def test_it_measures_the_disk(app: Flask, monkeypatch: pytest.MonkeyPatch, free: int, level: Level) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))
    assert machine.disk().level is level


def test_it_finds_that_files_cannot_be_kept(app: Flask, change_settings, tmp_path) -> None:
    assert machine.storage().level is Level.OK
    (tmp_path / "files").write_text("a file where the folder should be")
    change_settings(var_dir=tmp_path)
    assert machine.storage().level is Level.BAD


@pytest.mark.parametrize(
    ("key", "level"),
    [("short-secret-key", Level.WARN), ("ab" * 30, Level.WARN), ("Jq7-xw2Zk9_pL4vR8nT3bY6mC1dF5hGs", Level.OK)],
)
def test_it_judges_the_secret_key(app: Flask, change_settings, key: str, level: Level) -> None:
    change_settings(secret_key=key)
    assert machine.secret_key().level is level


def test_it_finds_a_placeholder_for_an_encryption_key(app: Flask, change_settings) -> None:
    assert machine.field_encryption().level is Level.OK
    change_settings(field_encryption_keys=("A" * 43 + "=",))
    assert machine.field_encryption().level is Level.WARN


def test_it_finds_secrets_that_no_key_opens(app: Flask, connected, change_settings) -> None:
    change_settings(field_encryption_keys=(Fernet.generate_key().decode(),))
    assert machine.field_encryption().fix == "Add the old key behind the new one."

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from tests.bin.conftest import LIB
from tests.bin.processes import eventually, mentioning, runs

from servers import AlreadyRunning, EmbeddedServers  # isort: skip


def answers(servers: EmbeddedServers) -> bool:
    try:
        with psycopg.connect(servers.database_url) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    with redis.Redis.from_url(servers.redis_url) as connection:
        return bool(connection.ping())


def test_it_leaves_no_process_behind(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path, durable=False) as servers:
        assert answers(servers)
        pids = [child.pid for child in servers.children]
        assert len(pids) == 2
    assert not any(runs(pid) for pid in pids)
    assert mentioning(str(tmp_path)) == []


def test_it_keeps_the_data_between_two_runs(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path) as servers:
        with psycopg.connect(servers.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'here' AS word")
        with redis.Redis.from_url(servers.redis_url) as connection:
            connection.set("kept", "here")
    with EmbeddedServers(tmp_path) as servers:
        with psycopg.connect(servers.database_url) as connection:
            assert connection.execute("SELECT word FROM kept").fetchone() == ("here",)
        with redis.Redis.from_url(servers.redis_url) as connection:
            assert connection.get("kept") == b"here"


def test_it_starts_postgresql_again_after_a_kill(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path, durable=False) as servers:
        postgres = servers.children[0]
        os.kill(postgres.pid, signal.SIGKILL)
        assert postgres.wait(5)
        postgres.start()
        assert eventually(lambda: answers(servers) or (postgres.is_running or postgres.start()) and False)


def test_it_is_one_process_that_owns_a_folder(tmp_path: Path) -> None:
    with (
        EmbeddedServers(tmp_path, durable=False),
        pytest.raises(AlreadyRunning, match=rf"already runs in {tmp_path} \(process {os.getpid()}\)"),
        EmbeddedServers(tmp_path, durable=False),
    ):
        pass


def test_it_starts_nothing_where_addresses_are_given(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path, database_url="postgresql://db/x", redis_url="redis://r/1") as servers:
        assert (servers.database_url, servers.redis_url) == ("postgresql://db/x", "redis://r/1")
        assert servers.children == []


def test_it_finds_a_short_place_for_the_socket_of_a_long_folder(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path / ("x" * 100), durable=False) as servers:
        socket = Path(servers.database_url.partition("host=")[2])
        assert answers(servers)
    assert not socket.exists()


def test_it_ends_with_its_process_even_when_that_is_killed(tmp_path: Path) -> None:
    program = (
        f"import sys, time; sys.path.insert(0, {str(LIB)!r})\n"
        "from pathlib import Path; from servers import EmbeddedServers\n"
        f"with EmbeddedServers(Path({str(tmp_path)!r}), durable=False) as servers:\n"
        "    print(*[child.pid for child in servers.children], flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        pids = [int(word) for word in process.stdout.readline().split()]
        process.kill()
    assert len(pids) == 2
    assert eventually(lambda: not any(runs(pid) for pid in pids))
    with EmbeddedServers(tmp_path, durable=False) as servers:
        assert answers(servers)


def test_it_takes_no_stranger_for_a_leftover(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path, durable=False) as servers:
        data = tmp_path / "postgres"
        servers.children[0].stop(10)
        (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")
        servers.children[0].start()
        assert eventually(lambda: answers(servers))

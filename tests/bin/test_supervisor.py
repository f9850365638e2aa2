from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.bin.conftest import LIB
from tests.bin.processes import eventually, mentioning, runs

House = Callable[..., tuple[subprocess.Popen[str], list[int]]]
PROGRAM = Path(__file__).with_name("dummy_house.py")


@pytest.fixture
def house() -> Iterator[House]:
    """Starts a supervisor over shell commands; gives its process and the commands' pids."""
    started: list[subprocess.Popen[str]] = []

    def start(*commands: str) -> tuple[subprocess.Popen[str], list[int]]:
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *commands],
            env={**os.environ, "PYTHONPATH": str(LIB)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=_hear_hangups,
        )
        started.append(process)
        assert process.stdout
        return process, [int(process.stdout.readline()) for _ in commands]

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _hear_hangups() -> None:
    """Also when these tests run under nohup, whose wish programs inherit."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_stops_everything_when_told_to(house: House, signum: signal.Signals) -> None:
    process, pids = house("exec sleep 71", "exec sleep 72")
    process.send_signal(signum)
    assert process.wait(10) == 0
    assert not any(runs(pid) for pid in pids)


def test_it_starts_a_crashed_program_again(house: House, tmp_path: Path) -> None:
    _, (pid,) = house(f"echo $$ >> {tmp_path}/pids; exec sleep 73")
    assert eventually(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").read_text())
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: len((tmp_path / "pids").read_text().split()) == 2)


def test_it_waits_longer_after_each_crash(house: House, tmp_path: Path) -> None:
    (tmp_path / "starts").touch()
    house(f"date +%s.%N >> {tmp_path}/starts")
    assert eventually(lambda: len((tmp_path / "starts").read_text().split()) == 3)
    first, second, third = (float(line) for line in (tmp_path / "starts").read_text().split())
    assert 0.9 < second - first < third - second


def test_it_lets_a_program_finish_its_work(house: House, tmp_path: Path) -> None:
    process, _ = house(f"trap 'sleep 1; touch {tmp_path}/finished; exit' TERM; touch {tmp_path}/set; sleep 74 & wait")
    assert eventually(lambda: (tmp_path / "set").exists())
    process.terminate()
    process.wait(10)
    assert (tmp_path / "finished").exists()


def test_it_stops_what_was_started_last_first(house: House, tmp_path: Path) -> None:
    def program(name: str) -> str:
        return f"trap 'echo {name} >> {tmp_path}/order; exit' TERM; touch {tmp_path}/{name}; sleep 75 & wait"

    process, _ = house(program("sandbox"), program("web"))
    assert eventually(lambda: all((tmp_path / name).exists() for name in ("sandbox", "web")))
    process.terminate()
    process.wait(10)
    assert (tmp_path / "order").read_text().split() == ["web", "sandbox"]


def test_it_kills_at_once_when_told_twice(house: House, tmp_path: Path) -> None:
    process, (pid,) = house(f"trap '' TERM; touch {tmp_path}/set; while :; do sleep 0.1; done")
    assert eventually(lambda: (tmp_path / "set").exists())
    process.terminate()
    assert not eventually(lambda: process.poll() is not None, 0.5)
    process.terminate()
    assert eventually(lambda: process.poll() == 0 and not runs(pid), 5)


def test_it_ends_what_a_killed_program_left(house: House) -> None:
    process, (pid,) = house("setsid sleep 76.54321 & wait")
    assert eventually(lambda: mentioning("sleep 76.54321"))
    os.kill(pid, signal.SIGKILL)
    process.terminate()
    process.wait(10)
    assert not mentioning("sleep 76.54321")


def test_it_takes_its_programs_along_when_it_is_killed(house: House, tmp_path: Path) -> None:
    process, pids = house(f"touch {tmp_path}/one; exec sleep 77", f"touch {tmp_path}/two; exec sleep 78")
    assert eventually(lambda: len(list(tmp_path.iterdir())) == 2)
    process.kill()
    assert eventually(lambda: not any(runs(pid) for pid in pids))

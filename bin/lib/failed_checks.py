"""A pytest plugin: says before the closing line which checks failed before pytest began."""

from __future__ import annotations

import os

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if failed := os.environ.get("BULBUL_FAILED_CHECKS"):
        terminalreporter.section("checks that failed before these tests", red=True)
        terminalreporter.line(failed)

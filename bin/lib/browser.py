"""A Chromium for the browser tests: the machine's own, Debian's package, or Playwright's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

from terminal import StartError

NAMES = ("chromium", "chromium-browser", "google-chrome")


def ensure_chromium(environ: Mapping[str, str]) -> str:
    """The path of a Chromium that runs, installed if need be; `CHROMIUM_PATH` names one of your own."""
    if given := environ.get("CHROMIUM_PATH"):
        return given
    found = _installed()
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium ...", flush=True)
        _run(["apt-get", "update"])
        _run(["apt-get", "install", "-y", "--no-install-recommends", "chromium"])
        found = _installed()
    return found or _playwrights()


def _installed() -> str | None:
    candidates = (path for name in NAMES if (path := shutil.which(name)))
    # Ubuntu's package is a stand-in that only asks for a snap.
    return next((path for path in candidates if _run([path, "--version"])), None)


def _playwrights() -> str:
    path = _playwrights_path()
    if not os.path.exists(path):
        print("Fetching Playwright's Chromium ...", flush=True)
        extras = ["--with-deps"] if os.geteuid() == 0 else []
        _run([sys.executable, "-m", "playwright", "install", *extras, "chromium"])
    if not _run([path, "--version"]):
        raise StartError(
            "no Chromium was found and none could be installed; "
            "install one (Debian: apt-get install chromium) or set CHROMIUM_PATH."
        )
    return path


def _playwrights_path() -> str:
    code = "from playwright.sync_api import sync_playwright as p\nwith p() as it: print(it.chromium.executable_path)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip()


def _run(command: list[str]) -> bool:
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0
    except OSError:
        return False

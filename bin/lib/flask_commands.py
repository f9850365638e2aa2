"""Several flask commands in one process, one per argument: loading the application takes longer than most of them."""

from __future__ import annotations

import shlex
import sys

import click
from flask.cli import FlaskGroup, ScriptInfo


def main() -> int:
    """Run them in order; 1 after the first that refuses."""
    flask, loaded = FlaskGroup(), ScriptInfo(app_import_path="wsgi")
    for command in sys.argv[1:]:
        try:
            flask.main(args=shlex.split(command), prog_name="flask", obj=loaded, standalone_mode=False)
        except click.ClickException as refusal:
            sys.stderr.write(f"flask {command}: {refusal.format_message()}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

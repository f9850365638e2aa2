"""A worker: `python worker.py [queues]` runs RQ jobs; `python worker.py --scheduler` keeps the house's tick.

Queues are named in the order in which they are served; without names it serves all but receipts, which
deserves a worker of its own: a status must not wait behind a tick.
"""

from __future__ import annotations

import argparse
import sys

from app import create_app
from app.config import ConfigError
from app.operations import scheduler
from app.operations.worker import run_worker
from app.shared import queues


def main() -> int:
    """Run until told to stop; 2 with one sentence when the configuration cannot work."""
    parser = argparse.ArgumentParser(description="Bulbul's worker")
    parser.add_argument("queues", nargs="*", help=f"queues to serve, in order, of: {', '.join(queues.ALL)}")
    parser.add_argument("--scheduler", action="store_true", help="keep the tick instead of running jobs")
    arguments = parser.parse_args()
    if unknown := set(arguments.queues) - set(queues.ALL):
        parser.error(f"there is no queue {', '.join(sorted(unknown))}")
    try:
        app = create_app()
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if arguments.scheduler:
        scheduler.run(app)
    else:
        run_worker(app, arguments.queues or [queues.SENDS, queues.IMPORTS, queues.SYNC, queues.RECEIPTS])
    return 0


if __name__ == "__main__":
    sys.exit(main())

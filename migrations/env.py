"""How Alembic meets the application: its engine, its tables, its naming convention."""

from __future__ import annotations

import logging

from alembic import context
from flask import current_app

logging.getLogger("alembic").setLevel("WARNING")

# Kept by hand in the migrations: Alembic does not see triggers, and these views of the tables are ours.
metadata = current_app.extensions["migrate"].db.metadata


def run() -> None:
    """Run the migrations on the application's own engine, each in a transaction of its own."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        # A migration must not queue behind a long transaction and block everybody else behind itself.
        connection.exec_driver_sql("SET lock_timeout = '10s'")
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=metadata,
            compare_type=True,
            compare_server_default=False,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations run on the database itself; there is no offline mode.")
run()

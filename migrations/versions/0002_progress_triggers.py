"""progress: a campaign's figures kept by statement-level triggers"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Figure -> when a row counts for it. A row's change adds its new figures and takes away its old ones.
FIGURES = {
    "recipients": {
        "total": "true",
        "pending": "state = 'pending'",
        "skipped": "state = 'skipped'",
        "responded": "responded_at IS NOT NULL",
    },
    "messages": {
        "sending": "state IN ('created', 'sending')",
        "unconfirmed": "state = 'unconfirmed'",
        "accepted": "state = 'accepted'",
        "failed": "rank = 20",
        "delivered": "rank >= 30",
        "read": "rank >= 40",
    },
}
COUNTS = {"recipients": "true", "messages": "campaign_id IS NOT NULL AND NOT is_superseded"}
SOURCES = {
    "INSERT": "SELECT *, 1 AS d FROM newtab",
    "DELETE": "SELECT *, -1 AS d FROM oldtab",
    "UPDATE": "SELECT *, 1 AS d FROM newtab UNION ALL SELECT *, -1 FROM oldtab",
}
TABLES = {
    "INSERT": "NEW TABLE AS newtab",
    "DELETE": "OLD TABLE AS oldtab",
    "UPDATE": "OLD TABLE AS oldtab NEW TABLE AS newtab",
}


def upgrade() -> None:
    for table in FIGURES:
        for event in SOURCES:
            op.execute(_function(table, event))
            op.execute(
                f"CREATE TRIGGER {table}_progress_{event.lower()} AFTER {event} ON {table} "
                f"REFERENCING {TABLES[event]} FOR EACH STATEMENT "
                f"EXECUTE FUNCTION {table}_progress_{event.lower()}()"
            )


def downgrade() -> None:
    for table in FIGURES:
        for event in SOURCES:
            op.execute(f"DROP TRIGGER {table}_progress_{event.lower()} ON {table}")
            op.execute(f"DROP FUNCTION {table}_progress_{event.lower()}()")


def _function(table: str, event: str) -> str:
    figures = FIGURES[table]
    sums = ", ".join(f"coalesce(sum(d) FILTER (WHERE {when}), 0) AS {name}" for name, when in figures.items())
    additions = ", ".join(f"{name} = p.{name} + excluded.{name}" for name in figures)
    changed = " OR ".join(f"{name} <> 0" for name in figures)
    # In the order of campaigns, so that two writers of several campaigns cannot deadlock. A deleted
    # campaign takes its recipients along; it has no figures any more.
    return f"""
        CREATE FUNCTION {table}_progress_{event.lower()}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO campaign_progress AS p (campaign_id, shard, {", ".join(figures)})
            SELECT s.campaign_id, pg_backend_pid() % 8, {", ".join(f"s.{name}" for name in figures)}
            FROM (SELECT campaign_id, {sums} FROM ({SOURCES[event]}) rows
                  WHERE {COUNTS[table]} GROUP BY campaign_id) s
            JOIN campaigns c ON c.id = s.campaign_id
            WHERE {changed} ORDER BY s.campaign_id
            ON CONFLICT (campaign_id, shard) DO UPDATE SET {additions};
            RETURN NULL;
        END $$"""

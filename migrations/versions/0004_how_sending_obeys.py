"""how sending obeys: windows, recurrence, retries, fair shares, suppression"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Figure -> when a row counts for it. New: who is pending and waits for something that heals.
FIGURES_BEFORE = {"total": "true", "pending": "state = 'pending'", "skipped": "state = 'skipped'"}
FIGURES = FIGURES_BEFORE | {"waiting": "state = 'pending' AND waits_for IS NOT NULL"}
COUNTS = {"recipients": "true"}
SOURCES = {
    "INSERT": "SELECT *, 1 AS d FROM newtab",
    "DELETE": "SELECT *, -1 AS d FROM oldtab",
    "UPDATE": "SELECT *, 1 AS d FROM newtab UNION ALL SELECT *, -1 FROM oldtab",
}
WAITS = sa.Enum("window", "cap", "retry", "pair", name="waitreason", native_enum=False, length=None)
CAPPED = sa.Enum("skip", "wait", name="whencapped", native_enum=False, length=None)


def upgrade() -> None:
    op.create_table(
        "suppressions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressions")),
        sa.UniqueConstraint("digest", name=op.f("uq_suppressions_digest")),
    )
    op.create_table(
        "late_failures",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_late_failures_message_id_messages"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_late_failures")),
    )
    op.add_column("alerts", sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("alerts", sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("campaign_progress", sa.Column("waiting", sa.Integer(), server_default="0", nullable=False))
    op.add_column("campaigns", sa.Column("recurrence", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("campaigns", sa.Column("parent_id", sa.BigInteger(), nullable=True))
    op.add_column("campaigns", sa.Column("occurrence_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("campaigns", sa.Column("window_opens", sa.Time(), nullable=True))
    op.add_column("campaigns", sa.Column("window_closes", sa.Time(), nullable=True))
    op.add_column(
        "campaigns",
        sa.Column("weekdays", postgresql.ARRAY(sa.SmallInteger()), server_default="{1,2,3,4,5,6,7}", nullable=False),
    )
    op.add_column("campaigns", sa.Column("weight", sa.SmallInteger(), server_default="1", nullable=False))
    op.add_column("campaigns", sa.Column("when_capped", CAPPED, server_default="skip", nullable=False))
    op.add_column("campaigns", sa.Column("max_failure_share", sa.SmallInteger(), server_default="20", nullable=True))
    op.add_column("campaigns", sa.Column("judged_up_to", sa.BigInteger(), nullable=True))
    op.create_unique_constraint(
        op.f("uq_campaigns_parent_id_occurrence_at"), "campaigns", ["parent_id", "occurrence_at"]
    )
    op.create_foreign_key(
        op.f("fk_campaigns_parent_id_campaigns"), "campaigns", "campaigns", ["parent_id"], ["id"], ondelete="SET NULL"
    )
    op.add_column("limit_contacts", sa.Column("taken_by", sa.BigInteger(), nullable=True))
    op.add_column(
        "limit_contacts",
        sa.Column("grants", postgresql.ARRAY(sa.DateTime(timezone=True)), server_default="{}", nullable=False),
    )
    op.execute(
        """UPDATE limit_contacts SET grants = ARRAY(SELECT DISTINCT g FROM unnest(
               ARRAY[first_granted_at, previously_granted_at, granted_at]) g WHERE g IS NOT NULL ORDER BY g)"""
    )
    op.drop_column("limit_contacts", "previously_granted_at")
    op.add_column("messages", sa.Column("recipient_id", sa.BigInteger(), nullable=True))
    op.add_column("messages", sa.Column("assumed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("messages", sa.Column("is_trial", sa.Boolean(), server_default="false", nullable=False))
    op.execute("UPDATE messages m SET recipient_id = r.id FROM recipients r WHERE r.message_id = m.id")
    op.create_index("ix_messages_attempts", "messages", ["recipient_id"], postgresql_where="is_superseded")
    op.create_index(
        "ix_messages_unconfirmed", "messages", ["campaign_id", "id"], postgresql_where="state = 'unconfirmed'"
    )
    op.add_column(
        "recipients", sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
    )
    op.execute("UPDATE recipients SET due_at = coalesce(not_before, created_at) WHERE state = 'pending'")
    op.add_column("recipients", sa.Column("waits_for", WAITS, nullable=True))
    op.drop_index("ix_recipients_pending", table_name="recipients")
    op.create_index(
        "ix_recipients_pending",
        "recipients",
        ["campaign_id", "due_at", "position"],
        postgresql_where="state = 'pending'",
    )
    op.drop_column("recipients", "not_before")
    op.add_column("workspaces", sa.Column("marketing_cap", sa.Integer(), server_default="2", nullable=True))
    op.add_column(
        "workspaces", sa.Column("spares_only_us_area_codes", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column("workspaces", sa.Column("limit_reserve", sa.Integer(), server_default="5", nullable=False))
    op.add_column("workspaces", sa.Column("suppression_salt", sa.Text(), nullable=True))
    _count(FIGURES)


def downgrade() -> None:
    _count(FIGURES_BEFORE)
    op.drop_column("workspaces", "suppression_salt")
    op.drop_column("workspaces", "limit_reserve")
    op.drop_column("workspaces", "spares_only_us_area_codes")
    op.drop_column("workspaces", "marketing_cap")
    op.add_column("recipients", sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE recipients SET not_before = due_at WHERE state = 'pending' AND due_at > now()")
    op.drop_index("ix_recipients_pending", table_name="recipients")
    op.create_index(
        "ix_recipients_pending", "recipients", ["campaign_id", "position"], postgresql_where="state = 'pending'"
    )
    op.drop_column("recipients", "waits_for")
    op.drop_column("recipients", "due_at")
    op.drop_index("ix_messages_unconfirmed", table_name="messages")
    op.drop_index("ix_messages_attempts", table_name="messages")
    op.drop_column("messages", "is_trial")
    op.drop_column("messages", "assumed_at")
    op.drop_column("messages", "recipient_id")
    op.add_column("limit_contacts", sa.Column("previously_granted_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE limit_contacts SET previously_granted_at = grants[cardinality(grants) - 1]")
    op.drop_column("limit_contacts", "grants")
    op.drop_column("limit_contacts", "taken_by")
    op.drop_constraint(op.f("fk_campaigns_parent_id_campaigns"), "campaigns", type_="foreignkey")
    op.drop_constraint(op.f("uq_campaigns_parent_id_occurrence_at"), "campaigns", type_="unique")
    for name in (
        "judged_up_to",
        "max_failure_share",
        "when_capped",
        "weight",
        "weekdays",
        "window_closes",
        "window_opens",
        "occurrence_at",
        "parent_id",
        "recurrence",
    ):
        op.drop_column("campaigns", name)
    op.drop_column("campaign_progress", "waiting")
    op.drop_column("alerts", "posted_at")
    op.drop_column("alerts", "mailed_at")
    op.drop_table("late_failures")
    op.drop_table("suppressions")


def _count(figures: dict[str, str]) -> None:
    """Replace what the triggers on recipients call; the triggers themselves stay."""
    for event in SOURCES:
        op.execute(_function("recipients", event, figures))


def _function(table: str, event: str, figures: dict[str, str]) -> str:
    sums = ", ".join(f"coalesce(sum(d) FILTER (WHERE {when}), 0) AS {name}" for name, when in figures.items())
    additions = ", ".join(f"{name} = p.{name} + excluded.{name}" for name in figures)
    changed = " OR ".join(f"{name} <> 0" for name in figures)
    # In the order of campaigns, so that two writers of several campaigns cannot deadlock. A deleted
    # campaign takes its recipients along; it has no figures any more.
    return f"""
        CREATE OR REPLACE FUNCTION {table}_progress_{event.lower()}() RETURNS trigger LANGUAGE plpgsql AS $$
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

"""what Meta tells us"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


NOTABLE = "digested_at IS NOT NULL AND kinds <> '{messages.statuses}'"
NAMED = "answers_id IS NULL AND context_wamid IS NOT NULL"

# Figure -> when a row counts for it. What came of a message is now told by the message alone.
FIGURES = {
    "recipients": {"total": "true", "pending": "state = 'pending'", "skipped": "state = 'skipped'"},
    "messages": {
        "sending": "state IN ('created', 'sending')",
        "unconfirmed": "state = 'unconfirmed'",
        "accepted": "state = 'accepted'",
        "failed": "rank = 20",
        "delivered": "rank >= 30",
        "read": "rank >= 40",
        "responded": "responded_at IS NOT NULL",
        "clicked": "clicked_at IS NOT NULL",
        "opted_out": "opted_out_at IS NOT NULL",
    },
}
FIGURES_BEFORE = {
    "recipients": FIGURES["recipients"] | {"responded": "responded_at IS NOT NULL"},
    "messages": {
        name: when for name, when in FIGURES["messages"].items() if name not in ("responded", "clicked", "opted_out")
    },
}
COUNTS = {"recipients": "true", "messages": "campaign_id IS NOT NULL AND NOT is_superseded"}
SOURCES = {
    "INSERT": "SELECT *, 1 AS d FROM newtab",
    "DELETE": "SELECT *, -1 AS d FROM oldtab",
    "UPDATE": "SELECT *, 1 AS d FROM newtab UNION ALL SELECT *, -1 FROM oldtab",
}


def upgrade() -> None:
    op.create_table(
        "consent_rules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("stop_words", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("start_words", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("stop_reply", sa.Text(), nullable=False),
        sa.Column("start_reply", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_rules")),
    )
    op.create_table(
        "stray_statuses",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("wamid", sa.Text(), nullable=False),
        sa.Column("callback", sa.Uuid(), nullable=True),
        sa.Column("rank", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error_code", sa.Integer(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("pricing_type", sa.Text(), nullable=True),
        sa.Column("pricing_category", sa.Text(), nullable=True),
        sa.Column("estimated_cost", sa.Numeric(precision=12, scale=4), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stray_statuses")),
        sa.UniqueConstraint("wamid", "rank", name=op.f("uq_stray_statuses_wamid_rank")),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "severity",
            sa.Enum("critical", "warning", "info", name="severity", native_enum=False, length=None),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), server_default="", nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("fk_alerts_channel_id_channels"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["seen_by"], ["users.id"], name=op.f("fk_alerts_seen_by_users"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_alerts_public_id")),
    )
    op.create_index("ix_alerts_raised_at", "alerts", ["raised_at"], unique=False)
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["channel_id", "kind", "subject"],
        unique=True,
        postgresql_where="resolved_at IS NULL",
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("window_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unread", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "status",
            sa.Enum("open", "closed", name="conversationstatus", native_enum=False, length=None),
            server_default="open",
            nullable=False,
        ),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["users.id"], name=op.f("fk_conversations_assignee_id_users"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name=op.f("fk_conversations_channel_id_channels")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_conversations_customer_id_customers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("channel_id", "customer_id", name=op.f("uq_conversations_channel_id_customer_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_conversations_public_id")),
    )
    op.create_index(op.f("ix_conversations_customer_id"), "conversations", ["customer_id"], unique=False)
    op.create_index("ix_conversations_last_message_at", "conversations", ["last_message_at"], unique=False)
    op.create_table(
        "template_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("template_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_template_events_actor_id_users"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["message_templates.id"],
            name=op.f("fk_template_events_template_id_message_templates"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_events")),
    )
    op.create_index("ix_template_events_template", "template_events", ["template_id", "at"], unique=False)
    op.add_column("campaign_progress", sa.Column("clicked", sa.Integer(), server_default="0", nullable=False))
    op.add_column("campaign_progress", sa.Column("opted_out", sa.Integer(), server_default="0", nullable=False))
    op.add_column("channels", sa.Column("uses_marketing_service", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("channels", sa.Column("name_status", sa.Text(), nullable=True))
    op.add_column("channels", sa.Column("restriction", sa.Text(), nullable=True))
    op.add_column("channels", sa.Column("restricted_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("channels", sa.Column("app_id", sa.Text(), nullable=True))
    op.add_column("channels", sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("channels", sa.Column("token_scopes", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("channels", sa.Column("handshake_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message_templates", sa.Column("rejection_advice", sa.Text(), nullable=True))
    op.add_column("message_templates", sa.Column("next_category", sa.Text(), nullable=True))
    op.add_column("message_templates", sa.Column("next_category_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message_templates", sa.Column("sample_key", sa.Text(), nullable=True))
    op.add_column("message_templates", sa.Column("created_by", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_message_templates_created_by_users"),
        "message_templates",
        "users",
        ["created_by"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column("messages", sa.Column("responded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("messages", sa.Column("clicked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("messages", sa.Column("opted_out_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("messages", sa.Column("answers_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_messages_answers", "messages", ["answers_id"], unique=False, postgresql_where="answers_id IS NOT NULL"
    )
    op.create_index(
        "ix_messages_phone", "messages", ["phone", "id"], unique=False, postgresql_where="phone IS NOT NULL"
    )
    op.create_index("ix_messages_named", "messages", ["context_wamid"], unique=False, postgresql_where=NAMED)
    op.create_index("ix_messages_waiting", "messages", ["id"], unique=False, postgresql_where="state = 'created'")
    op.create_foreign_key(
        op.f("fk_messages_answers_id_messages"), "messages", "messages", ["answers_id"], ["id"], ondelete="SET NULL"
    )
    _count_by(FIGURES)
    # The messages' own figures start from nought: moving the facts over counts them.
    op.execute("UPDATE campaign_progress SET responded = 0 WHERE responded <> 0")
    op.execute(
        "UPDATE messages m SET responded_at = r.responded_at FROM recipients r "
        "WHERE r.message_id = m.id AND r.responded_at IS NOT NULL"
    )
    op.execute(
        "UPDATE messages i SET answers_id = o.id FROM messages o "
        "WHERE i.direction = 'in' AND o.direction = 'out' AND o.wamid = i.context_wamid"
    )
    op.drop_column("recipients", "responded_at")
    op.drop_column("recipients", "response_message")
    op.add_column("webhook_events", sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_webhook_events_faulty", "webhook_events", ["id"], unique=False, postgresql_where="error IS NOT NULL"
    )
    op.create_index("ix_webhook_events_notable", "webhook_events", ["id"], unique=False, postgresql_where=NOTABLE)
    op.execute(
        "ALTER TABLE webhook_events SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE webhook_events RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)")
    op.drop_index("ix_webhook_events_notable", table_name="webhook_events", postgresql_where=NOTABLE)
    op.drop_index("ix_webhook_events_faulty", table_name="webhook_events", postgresql_where="error IS NOT NULL")
    op.drop_column("webhook_events", "replayed_at")
    op.add_column("recipients", sa.Column("response_message", sa.TEXT(), autoincrement=False, nullable=True))
    op.add_column(
        "recipients", sa.Column("responded_at", postgresql.TIMESTAMP(timezone=True), autoincrement=False, nullable=True)
    )
    _count_by(FIGURES_BEFORE)
    op.execute("UPDATE campaign_progress SET responded = 0 WHERE responded <> 0")
    op.execute(
        "UPDATE recipients r SET responded_at = m.responded_at FROM messages m "
        "WHERE r.message_id = m.id AND m.responded_at IS NOT NULL"
    )
    op.drop_constraint(op.f("fk_messages_answers_id_messages"), "messages", type_="foreignkey")
    op.drop_index("ix_messages_named", table_name="messages", postgresql_where=NAMED)
    op.drop_index("ix_messages_waiting", table_name="messages", postgresql_where="state = 'created'")
    op.drop_index("ix_messages_phone", table_name="messages", postgresql_where="phone IS NOT NULL")
    op.drop_index("ix_messages_answers", table_name="messages", postgresql_where="answers_id IS NOT NULL")
    op.drop_column("messages", "answers_id")
    op.drop_column("messages", "opted_out_at")
    op.drop_column("messages", "clicked_at")
    op.drop_column("messages", "responded_at")
    op.drop_constraint(op.f("fk_message_templates_created_by_users"), "message_templates", type_="foreignkey")
    op.drop_column("message_templates", "created_by")
    op.drop_column("message_templates", "sample_key")
    op.drop_column("message_templates", "next_category_at")
    op.drop_column("message_templates", "next_category")
    op.drop_column("message_templates", "rejection_advice")
    op.drop_column("channels", "handshake_at")
    op.drop_column("channels", "token_scopes")
    op.drop_column("channels", "token_expires_at")
    op.drop_column("channels", "app_id")
    op.drop_column("channels", "restricted_until")
    op.drop_column("channels", "restriction")
    op.drop_column("channels", "name_status")
    op.drop_column("channels", "uses_marketing_service")
    op.drop_column("campaign_progress", "opted_out")
    op.drop_column("campaign_progress", "clicked")
    op.drop_index("ix_template_events_template", table_name="template_events")
    op.drop_table("template_events")
    op.drop_index("ix_conversations_last_message_at", table_name="conversations")
    op.drop_index(op.f("ix_conversations_customer_id"), table_name="conversations")
    op.drop_table("conversations")
    op.drop_index("uq_alerts_open", table_name="alerts", postgresql_where="resolved_at IS NULL")
    op.drop_index("ix_alerts_raised_at", table_name="alerts")
    op.drop_table("alerts")
    op.drop_table("stray_statuses")
    op.drop_table("consent_rules")


def _count_by(figures: dict[str, dict[str, str]]) -> None:
    """Replace what the triggers of 0002 call; the triggers themselves stay."""
    for table, of_table in figures.items():
        for event in SOURCES:
            op.execute(_function(table, event, of_table))


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

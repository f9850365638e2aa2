"""the audience: sales, segments, notes, imports of every kind and their undoing, retention"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


NAME_WORDS = "array_to_tsvector(array_remove(string_to_array(left(lower(name), 200), ' '), ''))"

# What a customer's sales come to follows every change of them. One statement takes its rows in the order of their key,
# so that two writers of many sales do not wait for each other in a circle.
CHANGES = {
    "INSERT": "SELECT *, 1 AS d FROM new_sales",
    "DELETE": "SELECT *, -1 AS d FROM old_sales",
    "UPDATE": "SELECT *, 1 AS d FROM new_sales UNION ALL SELECT *, -1 FROM old_sales",
}
TABLES = {
    "INSERT": "NEW TABLE AS new_sales",
    "DELETE": "OLD TABLE AS old_sales",
    "UPDATE": "OLD TABLE AS old_sales NEW TABLE AS new_sales",
}
# Whoever lost their first sale has another first one now, or none.
FIRST_ANEW = """
            UPDATE sale_totals t SET first_at = (
                SELECT min(s.sold_at) FROM sales s WHERE s.customer_id = t.customer_id AND s.currency = t.currency)
            FROM (SELECT DISTINCT customer_id, currency FROM old_sales) o
            WHERE o.customer_id = t.customer_id AND o.currency = t.currency;
            DELETE FROM sale_totals t USING old_sales o
            WHERE o.customer_id = t.customer_id AND o.currency = t.currency AND t.count = 0;"""


def _keep_totals(event: str) -> str:
    return f"""
        CREATE FUNCTION sale_totals_{event.lower()}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO sale_totals AS t (customer_id, currency, count, amount, first_at)
            SELECT customer_id, currency, sum(d), sum(d * amount), min(sold_at) FILTER (WHERE d > 0)
            FROM ({CHANGES[event]}) changes
            WHERE customer_id IS NOT NULL GROUP BY customer_id, currency ORDER BY customer_id, currency
            ON CONFLICT (customer_id, currency) DO UPDATE SET count = t.count + excluded.count,
                amount = t.amount + excluded.amount, first_at = least(t.first_at, excluded.first_at);
            {"" if event == "INSERT" else FIRST_ANEW}
            RETURN NULL;
        END $$"""


def upgrade() -> None:
    op.create_table(
        "bulk_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column(
            "deed", sa.Enum("tag", "untag", "erase", name="bulkdeed", native_enum=False, length=None), nullable=False
        ),
        sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("customer_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["users.id"], name=op.f("fk_bulk_changes_asked_by_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_changes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bulk_changes_public_id")),
    )
    op.create_table(
        "retention_rules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_rules")),
        sa.UniqueConstraint("kind", name=op.f("uq_retention_rules_kind")),
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("progress", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("begun_by", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["begun_by"], ["users.id"], name=op.f("fk_erasures_begun_by_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("public_id", name=op.f("uq_erasures_public_id")),
    )
    op.create_table(
        "import_mappings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("customers", "recipients", "sales", "opt_outs", name="importkind", native_enum=False, length=None),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_import_mappings_created_by_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_mappings")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_import_mappings_kind_name")),
    )
    op.create_table(
        "segments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("query", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_segments_created_by_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segments")),
        sa.UniqueConstraint("name", name=op.f("uq_segments_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_segments_public_id")),
    )
    op.create_table(
        "import_changes",
        sa.Column("import_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_changes_import_id_imports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "subject", "subject_id", name=op.f("pk_import_changes")),
    )
    op.create_index("ix_import_changes_subject", "import_changes", ["subject_id", "subject"], unique=False)
    op.create_table(
        "customer_notes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_customer_notes_author_id_users"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_notes_customer_id_customers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_notes")),
    )
    op.create_index(op.f("ix_customer_notes_customer_id"), "customer_notes", ["customer_id"], unique=False)
    op.create_table(
        "sales",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=14, scale=4), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("sold_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_sales_customer_id_customers"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_sales_import_id_imports"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sales_public_id")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_sales_source_external_id")),
    )
    op.create_index(
        "ix_sales_customer",
        "sales",
        ["customer_id", "sold_at"],
        unique=False,
        postgresql_where="customer_id IS NOT NULL",
        postgresql_include=["amount", "currency"],
    )
    op.create_index(
        "ix_sales_import", "sales", ["import_id", "id"], unique=False, postgresql_where="import_id IS NOT NULL"
    )
    op.create_index("ix_sales_sold_at", "sales", ["sold_at"], unique=False)
    op.create_index(
        "ix_sales_starts_on", "sales", ["starts_on"], unique=False, postgresql_where="starts_on IS NOT NULL"
    )
    op.create_table(
        "sale_totals",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("customer_id", "currency", name=op.f("pk_sale_totals")),
        postgresql_with={"fillfactor": "80"},
    )
    for event in CHANGES:
        op.execute(_keep_totals(event))
        op.execute(
            f"CREATE TRIGGER sale_totals_{event.lower()} AFTER {event} ON sales REFERENCING {TABLES[event]} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION sale_totals_{event.lower()}()"
        )
    op.add_column("consent_entries", sa.Column("import_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_consent_entries_import_id_imports"),
        "consent_entries",
        "imports",
        ["import_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column("customers", sa.Column("import_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_customers_attributes",
        "customers",
        ["attributes"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"attributes": "jsonb_path_ops"},
    )
    op.create_index(
        "ix_customers_city",
        "customers",
        [sa.text("lower(city)")],
        unique=False,
        postgresql_where="city IS NOT NULL",
    )
    op.create_index(
        "ix_customers_import", "customers", ["import_id", "id"], unique=False, postgresql_where="import_id IS NOT NULL"
    )
    op.create_index(
        "ix_customers_last_inbound_at",
        "customers",
        ["last_inbound_at"],
        unique=False,
        postgresql_where="last_inbound_at IS NOT NULL",
    )
    op.create_index(
        "ix_customers_phone_end",
        "customers",
        [sa.text("reverse(phone) text_pattern_ops")],
        unique=False,
        postgresql_where="phone IS NOT NULL",
    )
    op.create_index("ix_customers_name_words", "customers", [sa.text(NAME_WORDS)], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_customers_email",
        "customers",
        [sa.text("lower(email) text_pattern_ops")],
        unique=False,
        postgresql_where="email IS NOT NULL",
    )
    op.create_foreign_key(
        op.f("fk_customers_import_id_imports"), "customers", "imports", ["import_id"], ["id"], ondelete="SET NULL"
    )
    op.add_column(
        "imports",
        sa.Column(
            "kind",
            sa.Enum("customers", "recipients", "sales", "opt_outs", name="importkind", native_enum=False, length=None),
            server_default="recipients",
            nullable=False,
        ),
    )
    op.add_column(
        "imports", sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column(
        "imports", sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False)
    )
    op.add_column("imports", sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("imports", sa.Column("updated", sa.Integer(), server_default="0", nullable=False))
    op.add_column("imports", sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False))
    op.add_column("imports", sa.Column("digest", sa.LargeBinary(), nullable=True))
    op.create_index(op.f("ix_imports_digest"), "imports", ["digest"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_imports_digest"), table_name="imports")
    op.drop_column("imports", "digest")
    op.drop_column("imports", "unchanged")
    op.drop_column("imports", "updated")
    op.drop_column("imports", "findings")
    op.drop_column("imports", "rules")
    op.drop_column("imports", "mapping")
    op.drop_column("imports", "kind")
    op.drop_constraint(op.f("fk_customers_import_id_imports"), "customers", type_="foreignkey")
    op.drop_index("ix_customers_email", table_name="customers", postgresql_where="email IS NOT NULL")
    op.drop_index("ix_customers_name_words", table_name="customers", postgresql_using="gin")
    op.drop_index("ix_customers_phone_end", table_name="customers", postgresql_where="phone IS NOT NULL")
    op.drop_index(
        "ix_customers_last_inbound_at", table_name="customers", postgresql_where="last_inbound_at IS NOT NULL"
    )
    op.drop_index("ix_customers_import", table_name="customers", postgresql_where="import_id IS NOT NULL")
    op.drop_index("ix_customers_city", table_name="customers", postgresql_where="city IS NOT NULL")
    op.drop_index(
        "ix_customers_attributes",
        table_name="customers",
        postgresql_using="gin",
        postgresql_ops={"attributes": "jsonb_path_ops"},
    )
    op.drop_column("customers", "import_id")
    op.drop_constraint(op.f("fk_consent_entries_import_id_imports"), "consent_entries", type_="foreignkey")
    op.drop_column("consent_entries", "import_id")
    op.drop_index("ix_sales_starts_on", table_name="sales", postgresql_where="starts_on IS NOT NULL")
    op.drop_index("ix_sales_sold_at", table_name="sales")
    op.drop_index("ix_sales_import", table_name="sales", postgresql_where="import_id IS NOT NULL")
    op.drop_index("ix_sales_customer", table_name="sales", postgresql_where="customer_id IS NOT NULL")
    op.drop_table("sales")
    op.drop_table("sale_totals")
    for event in CHANGES:
        op.execute(f"DROP FUNCTION sale_totals_{event.lower()}()")
    op.drop_index(op.f("ix_customer_notes_customer_id"), table_name="customer_notes")
    op.drop_table("customer_notes")
    op.drop_index("ix_import_changes_subject", table_name="import_changes")
    op.drop_table("import_changes")
    op.drop_table("segments")
    op.drop_table("import_mappings")
    op.drop_table("erasures")
    op.drop_table("retention_rules")
    op.drop_table("bulk_changes")

"""the audience: sales, segments, notes, imports of every kind and their undoing, retention"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
    op.create_index("ix_sales_import", "sales", ["import_id"], unique=False, postgresql_where="import_id IS NOT NULL")
    op.create_index("ix_sales_sold_at", "sales", ["sold_at"], unique=False)
    op.create_index(
        "ix_sales_starts_on", "sales", ["starts_on"], unique=False, postgresql_where="starts_on IS NOT NULL"
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
    op.create_index("ix_customers_city", "customers", ["city"], unique=False, postgresql_where="city IS NOT NULL")
    op.create_index(
        "ix_customers_import", "customers", ["import_id"], unique=False, postgresql_where="import_id IS NOT NULL"
    )
    op.create_index(
        "ix_customers_last_inbound_at",
        "customers",
        ["last_inbound_at"],
        unique=False,
        postgresql_where="last_inbound_at IS NOT NULL",
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


def downgrade() -> None:
    op.drop_column("imports", "unchanged")
    op.drop_column("imports", "updated")
    op.drop_column("imports", "findings")
    op.drop_column("imports", "rules")
    op.drop_column("imports", "mapping")
    op.drop_column("imports", "kind")
    op.drop_constraint(op.f("fk_customers_import_id_imports"), "customers", type_="foreignkey")
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
    op.drop_index(op.f("ix_customer_notes_customer_id"), table_name="customer_notes")
    op.drop_table("customer_notes")
    op.drop_table("import_changes")
    op.drop_table("segments")
    op.drop_table("import_mappings")
    op.drop_table("erasures")
    op.drop_table("retention_rules")

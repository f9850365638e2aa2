"""what is kept no longer: files that nothing names, and what imports changed long ago"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_files",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_stored_files")),
    )
    op.execute(
        "INSERT INTO stored_files (key, created_at) SELECT file_key, min(created_at) FROM ("
        " SELECT file_key, created_at FROM imports WHERE file_key <> ''"
        " UNION ALL SELECT sample_key, created_at FROM message_templates WHERE sample_key IS NOT NULL"
        ") known GROUP BY file_key"
    )
    op.add_column("imports", sa.Column("changes_forgotten_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("imports", "changes_forgotten_at")
    op.drop_table("stored_files")

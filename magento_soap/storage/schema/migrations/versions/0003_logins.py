"""The table of failed and successful logins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    login = f"{context.config.attributes['prefix']}magento_soap_login"
    op.create_table(
        login,
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failed_at", sa.String(19), nullable=False),
        sa.Column("succeeded_at", sa.String(19), nullable=False),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table(f"{context.config.attributes['prefix']}magento_soap_login")

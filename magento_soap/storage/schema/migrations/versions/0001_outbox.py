"""Mails to be sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the outbox."""
    name = context.config.attributes["prefix"] + "magento_soap_outbox"
    op.create_table(
        name,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("invoice_id", sa.Integer, nullable=False),
        sa.Column("order_id", sa.Integer, nullable=False),
        sa.Column("store_id", sa.Integer),
        sa.Column("recipient", sa.String(255), nullable=False),
        sa.Column("recipient_name", sa.String(255), nullable=False),
        sa.Column("bcc", sa.Text, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("created_at", sa.String(19), nullable=False),
        sa.Column("due_at", sa.String(19), nullable=False),
        sa.Column("sent_at", sa.String(19)),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_general_ci",
    )
    op.create_index(f"idx_{name}_status_due_at", name, ["status", "due_at"])


def downgrade() -> None:
    """Drop the outbox."""
    op.drop_table(context.config.attributes["prefix"] + "magento_soap_outbox")

"""Calls of payment gateways, and requests that were answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.mysql import MEDIUMTEXT

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the journal of payments, and the table of requests."""
    prefix = context.config.attributes["prefix"]
    payment = f"{prefix}magento_soap_payment"
    op.create_table(
        payment,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("order_id", sa.Integer, nullable=False),
        sa.Column("order_increment_id", sa.String(50), nullable=False),
        sa.Column("invoice_increment_id", sa.String(50)),
        sa.Column("method", sa.String(255), nullable=False),
        sa.Column("base_amount", sa.String(32)),
        sa.Column("base_currency_code", sa.String(16)),
        sa.Column("parent_txn_id", sa.String(255)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("result", sa.Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb")),
        sa.Column("error", sa.Text),
        sa.Column("command", sa.Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb")),
        sa.Column("request_id", sa.String(64)),
        sa.Column("asked_at", sa.String(19), nullable=False),
        sa.Column("leased_until", sa.String(19), nullable=False),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.create_index(f"idx_{payment}_key", payment, ["idempotency_key"], unique=True)
    op.create_index(f"idx_{payment}_order_state", payment, ["order_id", "state"])
    request = f"{prefix}magento_soap_request"
    op.create_table(
        request,
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("answered", sa.Integer, nullable=False),
        sa.Column("invoice_increment_id", sa.String(50)),
        sa.Column("created_at", sa.String(19), nullable=False),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.create_index(f"idx_{request}_created_at", request, ["created_at"])


def downgrade() -> None:
    """Drop them."""
    prefix = context.config.attributes["prefix"]
    op.drop_table(f"{prefix}magento_soap_request")
    op.drop_table(f"{prefix}magento_soap_payment")

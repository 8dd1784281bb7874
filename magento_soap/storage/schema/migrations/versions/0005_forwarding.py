"""What was forwarded to the shop's own PHP, and copies of its WSDLs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.mysql import MEDIUMTEXT

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    prefix = context.config.attributes["prefix"]
    forwarded = f"{prefix}magento_soap_forwarded"
    op.create_table(
        forwarded,
        # A hash of day, method, protocol and user: as a key, a method alone exceeds the 767 bytes of older InnoDB.
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("method", sa.String(255), nullable=False),
        sa.Column("protocol", sa.String(16), nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", sa.String(19), nullable=False),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.create_index(f"idx_{forwarded}_day", forwarded, ["day"])
    op.create_table(
        f"{prefix}magento_soap_wsdl",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("document", sa.Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb"), nullable=False),
        sa.Column("fetched_at", sa.String(19), nullable=False),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )


def downgrade() -> None:
    """Drop them."""
    prefix = context.config.attributes["prefix"]
    op.drop_table(f"{prefix}magento_soap_wsdl")
    op.drop_table(f"{prefix}magento_soap_forwarded")

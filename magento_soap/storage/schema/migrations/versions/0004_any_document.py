"""Mails about documents of any type, and responses to requests of any kind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Name a mail's document by type and id, and give requests a result of any kind."""
    prefix = context.config.attributes["prefix"]
    with op.batch_alter_table(f"{prefix}magento_soap_outbox") as outbox:
        outbox.alter_column(
            "invoice_id", new_column_name="entity_id", existing_type=sa.Integer, existing_nullable=False
        )
        # Until now every mail was about an invoice.
        outbox.add_column(sa.Column("entity_type", sa.String(32), nullable=False, server_default="invoice"))
    with op.batch_alter_table(f"{prefix}magento_soap_outbox") as outbox:
        outbox.alter_column("entity_type", existing_type=sa.String(32), existing_nullable=False, server_default=None)
    with op.batch_alter_table(f"{prefix}magento_soap_request") as request:
        request.alter_column(
            "invoice_increment_id",
            new_column_name="result",
            existing_type=sa.String(50),
            type_=sa.String(255),
            existing_nullable=True,
        )


def downgrade() -> None:
    """Go back; mails about other documents than invoices are lost."""
    prefix = context.config.attributes["prefix"]
    outbox_table = sa.table(f"{prefix}magento_soap_outbox", sa.column("entity_type"))
    op.execute(outbox_table.delete().where(outbox_table.c.entity_type != "invoice"))
    with op.batch_alter_table(f"{prefix}magento_soap_outbox") as outbox:
        outbox.drop_column("entity_type")
        outbox.alter_column(
            "entity_id", new_column_name="invoice_id", existing_type=sa.Integer, existing_nullable=False
        )
    with op.batch_alter_table(f"{prefix}magento_soap_request") as request:
        request.alter_column(
            "result",
            new_column_name="invoice_increment_id",
            existing_type=sa.String(255),
            type_=sa.String(50),
            existing_nullable=True,
        )

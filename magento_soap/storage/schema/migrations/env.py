"""Runs the migrations on the connection, and with the table prefix, that ``schema.create_own_tables`` gives."""

from __future__ import annotations

from alembic import context

from magento_soap.storage.sales.outbox import VERSION_TABLE

_attributes = context.config.attributes
context.configure(connection=_attributes["connection"], version_table=_attributes["prefix"] + VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()

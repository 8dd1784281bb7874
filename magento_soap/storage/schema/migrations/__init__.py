"""Alembic migrations of our own tables; Magento's tables are never altered."""

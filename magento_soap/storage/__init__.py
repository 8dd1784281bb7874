"""Magento 1's tables through SQLAlchemy Core: repositories of the domain, readers, accounts of the API."""

from magento_soap.storage.schema.creation import Problem

from .database import Database

__all__ = ["Database", "Problem"]

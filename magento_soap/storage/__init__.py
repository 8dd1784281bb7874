"""Magento 1's tables through SQLAlchemy Core: repositories of the domain, readers, accounts of the API."""

from .database import Database
from .schema import Problem

__all__ = ["Database", "Problem"]

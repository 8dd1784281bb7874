"""Credit memos with lines and comments (``sales_flat_creditmemo*``)."""

from __future__ import annotations

from magento_soap.sales.creditmemo import CreditMemo, CreditMemoLine
from magento_soap.storage.schema.tables import Tables

from .documents import Documents, DocumentTables


def creditmemo_tables(tables: Tables) -> DocumentTables[CreditMemo]:
    """The mappings of a credit memo's tables."""
    return DocumentTables(tables, "creditmemo", CreditMemo, CreditMemoLine)


class CreditMemos(Documents[CreditMemo]):
    """ports.CreditMemoRepository in one transaction."""

"""Credit memos with lines and comments (``sales_flat_creditmemo*``)."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import or_, select

from magento_soap.sales.creditmemo import CANCELED, CreditMemo, CreditMemoLine
from magento_soap.sales.money import ZERO
from magento_soap.storage.schema.tables import Tables

from .documents import Documents, DocumentTables


def creditmemo_tables(tables: Tables) -> DocumentTables[CreditMemo]:
    """The mappings of a credit memo's tables."""
    return DocumentTables(tables, "creditmemo", CreditMemo, CreditMemoLine)


class CreditMemos(Documents[CreditMemo]):
    """ports.CreditMemoRepository in one transaction."""

    def refunded_of_invoice(self, invoice_id: int) -> dict[int, Decimal]:
        """What the credit memos of that invoice, but for canceled ones, refund: quantities by order item id."""
        memo, line = self._tables.document.table, self._tables.line.table
        query = (
            select(line.c.order_item_id, line.c.qty)
            .select_from(line.join(memo, memo.c.entity_id == line.c.parent_id))
            .where(memo.c.invoice_id == invoice_id, or_(memo.c.state.is_(None), memo.c.state != CANCELED))
        )
        refunded: dict[int, Decimal] = {}
        for item_id, qty in self._connection.execute(query):
            refunded[item_id] = refunded.get(item_id, ZERO) + (qty or ZERO)
        return refunded

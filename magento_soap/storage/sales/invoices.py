"""Invoices with lines and comments (``sales_flat_invoice*``)."""

from __future__ import annotations

from magento_soap.sales.invoice import Invoice, InvoiceLine
from magento_soap.storage.schema.tables import Tables

from .documents import Documents, DocumentTables


def invoice_tables(tables: Tables) -> DocumentTables[Invoice]:
    """The mappings of an invoice's tables."""
    return DocumentTables(tables, "invoice", Invoice, InvoiceLine)


class Invoices(Documents[Invoice]):
    """ports.InvoiceRepository in one transaction."""

    def _never_written(self, invoice: Invoice) -> dict[str, None]:
        """Magento loses this tax (BUG-22); we keep it, but do not write a zero that it would not."""
        tax = invoice.shipping_hidden_tax_amount
        return {} if tax is not None and tax.base else {"base_shipping_hidden_tax_amnt": None}

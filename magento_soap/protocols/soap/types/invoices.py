"""The types of invoices: their columns in the WSDL's order, which is the order on the wire."""

from __future__ import annotations

from .common import array, optional, optional_texts, struct

InvoiceItem = struct(
    "salesOrderInvoiceItemEntity",
    **optional_texts(
        "increment_id parent_id created_at updated_at is_active weee_tax_applied qty cost price tax_amount row_total "
        "base_price base_tax_amount base_row_total base_weee_tax_applied_amount base_weee_tax_applied_row_amount "
        "weee_tax_applied_amount weee_tax_applied_row_amount weee_tax_disposition weee_tax_row_disposition "
        "base_weee_tax_disposition base_weee_tax_row_disposition sku name order_item_id product_id item_id"
    ),
)
InvoiceItemArray = array("salesOrderInvoiceItemEntityArray", InvoiceItem)
InvoiceComment = struct(
    "salesOrderInvoiceCommentEntity",
    **optional_texts("increment_id parent_id created_at updated_at is_active comment is_customer_notified comment_id"),
)
InvoiceCommentArray = array("salesOrderInvoiceCommentEntityArray", InvoiceComment)
Invoice = struct(
    "salesOrderInvoiceEntity",
    **optional_texts(
        "increment_id parent_id store_id created_at updated_at is_active global_currency_code base_currency_code "
        "store_currency_code order_currency_code store_to_base_rate store_to_order_rate base_to_global_rate "
        "base_to_order_rate subtotal base_subtotal base_grand_total discount_amount base_discount_amount "
        "shipping_amount base_shipping_amount tax_amount base_tax_amount billing_address_id billing_firstname "
        "billing_lastname order_id order_increment_id order_created_at state grand_total invoice_id"
    ),
    items=optional(InvoiceItemArray),
    comments=optional(InvoiceCommentArray),
)
InvoiceArray = array("salesOrderInvoiceEntityArray", Invoice)

TYPES = (
    Invoice,
    InvoiceArray,
    InvoiceItem,
    InvoiceItemArray,
    InvoiceComment,
    InvoiceCommentArray,
)

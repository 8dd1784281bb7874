"""The types of Magento's V2 WSDL that sales invoices need (API-44), as Spyne models.

They are descriptions only: no value is ever an instance of one. Fields stand in the WSDL's order, which is the order
on the wire.
"""

from __future__ import annotations

from typing import Any

from spyne.model import Array, ComplexModel
from spyne.model.complex import TypeInfo
from spyne.model.primitive import AnyDict, Boolean, Double, Integer32, Unicode

from .names import SERVICE

NAMESPACE = SERVICE
"""The namespace inside Spyne; answers and WSDLs may carry another name for it (setting ``namespace``)."""
MAHO = "urn:Maho"
"""The name that Maho's has; its WSDLs have an operation more."""

Text = Unicode(min_occurs=1)
OptionalText = Unicode(min_occurs=0)
Flag = Boolean
AnyType = AnyDict
"""``xsd:anyType``: a value whose shape only its sender knows."""


def _struct(name: str, /, **fields: Any) -> Any:
    """A struct type; fields that may be absent have ``min_occurs=0``."""
    info = TypeInfo()
    for field, of in fields.items():
        info[field] = of
    return ComplexModel.produce(NAMESPACE, name, info)


def _array(name: str, of: Any) -> Any:
    """An array type: ``item`` elements when encoded, ``complexObjectArray`` elements in the literal style."""
    array = Array(of, member_name="complexObjectArray", type_name=name)
    array.__namespace__ = NAMESPACE
    return array


def _required(of: Any) -> Any:
    return of.customize(min_occurs=1)


def _optional(of: Any) -> Any:
    return of.customize(min_occurs=0)


def _texts(names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), OptionalText)


# Filters
AssociativeEntity = _struct("associativeEntity", key=Text, value=Text)
AssociativeArray = _array("associativeArray", AssociativeEntity)
ComplexFilter = _struct("complexFilter", key=Text, value=_required(AssociativeEntity))
ComplexFilterArray = _array("complexFilterArray", ComplexFilter)
FILTER_STRUCTS = frozenset({"associativeEntity", "complexFilter", "filters"})
"""A member of these that is not declared was meant to filter: dropped, it would mean every row."""
Filters = _struct("filters", filter=_optional(AssociativeArray), complex_filter=_optional(ComplexFilterArray))

# What the API says of itself ("Falture" is the WSDL's spelling)
ArrayOfString = _array("ArrayOfString", Unicode)
ApiMethod = _struct("apiMethodEntity", title=Text, path=Text, name=Text, aliases=_required(ArrayOfString))
ArrayOfApiMethods = _array("ArrayOfApiMethods", ApiMethod)
ApiResource = _struct(
    "apiEntity", title=Text, name=Text, aliases=_required(ArrayOfString), methods=_required(ArrayOfApiMethods)
)
ArrayOfApis = _array("ArrayOfApis", ApiResource)
ExistsFault = _struct("existsFaltureEntity", code=Text, message=Text)
ArrayOfExistsFaults = _array("ArrayOfExistsFaltures", ExistsFault)
MagentoInfo = _struct("magentoInfoEntity", magento_version=Text, magento_edition=Text)

MahoInfo = _struct("mahoInfoEntity", maho_version=Text)

# Invoices
OrderItemIdQty = _struct("orderItemIdQty", order_item_id=Integer32(min_occurs=1), qty=Double(min_occurs=1))
OrderItemIdQtyArray = _array("orderItemIdQtyArray", OrderItemIdQty)
InvoiceItem = _struct(
    "salesOrderInvoiceItemEntity",
    **_texts(
        "increment_id parent_id created_at updated_at is_active weee_tax_applied qty cost price tax_amount row_total "
        "base_price base_tax_amount base_row_total base_weee_tax_applied_amount base_weee_tax_applied_row_amount "
        "weee_tax_applied_amount weee_tax_applied_row_amount weee_tax_disposition weee_tax_row_disposition "
        "base_weee_tax_disposition base_weee_tax_row_disposition sku name order_item_id product_id item_id"
    ),
)
InvoiceItemArray = _array("salesOrderInvoiceItemEntityArray", InvoiceItem)
InvoiceComment = _struct(
    "salesOrderInvoiceCommentEntity",
    **_texts("increment_id parent_id created_at updated_at is_active comment is_customer_notified comment_id"),
)
InvoiceCommentArray = _array("salesOrderInvoiceCommentEntityArray", InvoiceComment)
Invoice = _struct(
    "salesOrderInvoiceEntity",
    **_texts(
        "increment_id parent_id store_id created_at updated_at is_active global_currency_code base_currency_code "
        "store_currency_code order_currency_code store_to_base_rate store_to_order_rate base_to_global_rate "
        "base_to_order_rate subtotal base_subtotal base_grand_total discount_amount base_discount_amount "
        "shipping_amount base_shipping_amount tax_amount base_tax_amount billing_address_id billing_firstname "
        "billing_lastname order_id order_increment_id order_created_at state grand_total invoice_id"
    ),
    items=_optional(InvoiceItemArray),
    comments=_optional(InvoiceCommentArray),
)
InvoiceArray = _array("salesOrderInvoiceEntityArray", Invoice)

# V1 knows arrays of anything only.
FixedArray = _array("FixedArray", AnyType)

SCHEMA_ORDER: tuple[str, ...] = (
    "FixedArray",
    "associativeEntity",
    "associativeArray",
    "filters",
    "complexFilterArray",
    "complexFilter",
    "ArrayOfString",
    "apiMethodEntity",
    "ArrayOfApiMethods",
    "apiEntity",
    "ArrayOfApis",
    "existsFaltureEntity",
    "ArrayOfExistsFaltures",
    "magentoInfoEntity",
    "mahoInfoEntity",
    "orderItemIdQty",
    "orderItemIdQtyArray",
    "salesOrderInvoiceEntity",
    "salesOrderInvoiceEntityArray",
    "salesOrderInvoiceItemEntity",
    "salesOrderInvoiceItemEntityArray",
    "salesOrderInvoiceCommentEntity",
    "salesOrderInvoiceCommentEntityArray",
)
"""The order in which Magento's WSDL declares them; generated sources of some stacks depend on it."""

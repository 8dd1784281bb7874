"""The rows of a small shop: an uninvoiced order, an order with an open invoice, a guest's virtual order."""

from __future__ import annotations

from typing import Any

from magento_soap.storage.schema.reference_rows import reference_rows

Rows = dict[str, list[dict[str, Any]]]

OPEN_ORDER, INVOICED_ORDER, GUEST_ORDER = "100000001", "100000002", "100000003"
INVOICE = "100000001"
CREATED = "2024-01-01 10:00:00"


def small_shop() -> Rows:
    """Everything the tests need."""
    shop: Rows = dict(reference_rows())
    shop["eav_entity_store"] = [
        {
            "entity_store_id": 1,
            "entity_type_id": 6,
            "store_id": 1,
            "increment_prefix": "1",
            "increment_last_id": INVOICE,
        }
    ]
    shop["customer_entity"] = []
    shop["sales_flat_order"] = [
        _order(1, OPEN_ORDER, "new", "pending"),
        _order(2, INVOICED_ORDER, "processing", "processing")
        | {"total_invoiced": "100.0000", "base_total_invoiced": "100.0000"},
        _order(3, GUEST_ORDER, "new", "pending")
        | {"is_virtual": 1, "customer_is_guest": 1, "shipping_address_id": None},
    ]
    shop["sales_flat_order_address"] = [
        _address(1, 1, "billing") | {"middlename": "Q."},
        _address(2, 1, "shipping"),
        _address(3, 2, "billing"),
        _address(4, 2, "shipping"),
        _address(5, 3, "billing") | {"firstname": "太郎", "lastname": "日本"},
    ]
    shop["sales_flat_order_item"] = [
        _item(1, 1, "configurable", "Shirt")
        | {"product_options": 'a:2:{s:15:"info_buyRequest";a:1:{s:3:"qty";i:2;}s:13:"shipment_type";i:0;}'},
        _item(2, 1, "simple", "Shirt-M") | {"parent_item_id": 1},
        _item(3, 1, "simple", "Mug")
        | {"base_weee_tax_applied_row_amnt": "1.5000", "weee_tax_applied_row_amount": "1.4000"},
        _item(4, 2, "simple", "Mug") | {"qty_invoiced": "2.0000"},
        _item(5, 3, "virtual", "Licence"),
    ]
    shop["sales_flat_order_payment"] = [
        {
            "entity_id": 1,
            "parent_id": 1,
            "method": "checkmo",
            "base_amount_ordered": "100.0000",
            "amount_ordered": "100.0000",
        },
        {"entity_id": 2, "parent_id": 2, "method": "labpay", "last_trans_id": "auth-1"},
    ]
    shop["sales_payment_transaction"] = [
        {
            "transaction_id": 1,
            "order_id": 2,
            "payment_id": 2,
            "txn_id": "auth-1",
            "txn_type": "authorization",
            "is_closed": 0,
            "additional_information": 'a:1:{s:1:"k";s:1:"v";}',
            "created_at": CREATED,
        }
    ]
    shop["sales_flat_order_status_history"] = [
        {"entity_id": 1, "parent_id": 1, "is_customer_notified": 2, "status": "pending", "created_at": CREATED}
    ]
    shop["sales_flat_order_grid"] = [
        {"entity_id": 1, "increment_id": OPEN_ORDER, "status": "pending", "billing_name": "Jane Q. Roe"},
    ]
    shop["sales_flat_invoice"] = [_invoice(1, INVOICE)]
    shop["sales_flat_invoice_item"] = [
        {
            "entity_id": 1,
            "parent_id": 1,
            "order_item_id": 4,
            "name": "Mug",
            "sku": "Mug",
            "qty": "2.0000",
            "price": "50.0000",
            "base_price": "50.0000",
            "weee_tax_applied_row_amount": "0.2000",
            "base_weee_tax_applied_row_amnt": "0.1000",
        }
    ]
    shop["sales_flat_invoice_comment"] = [
        {"entity_id": 1, "parent_id": 1, "comment": "older", "is_visible_on_front": 0, "created_at": CREATED},
        {
            "entity_id": 2,
            "parent_id": 1,
            "comment": "newer",
            "is_visible_on_front": 1,
            "is_customer_notified": 1,
            "created_at": "2024-01-02 10:00:00",
        },
    ]
    shop["sales_flat_invoice_grid"] = []
    for name in ("api_user", "api_session", "api_role", "api_rule", "magento_soap_outbox"):
        shop[name] = []
    return shop


def _order(entity_id: int, increment_id: str, state: str, status: str) -> dict[str, Any]:
    names = ("grand_total", "subtotal", "total_due")
    amounts = dict.fromkeys((*names, *(f"base_{name}" for name in names)), "100.0000")
    return amounts | {
        "entity_id": entity_id,
        "increment_id": increment_id,
        "state": state,
        "status": status,
        "is_virtual": 0,
        "store_id": 1,
        "store_name": "Main",
        "shipping_hidden_tax_amount": "0.3000",
        "base_shipping_hidden_tax_amnt": "0.2500",
        "customer_email": f"customer{entity_id}@example.com",
        "customer_firstname": "Jane",
        "customer_lastname": "Roe",
        "billing_address_id": {1: 1, 2: 3, 3: 5}[entity_id],
        "shipping_address_id": {1: 2, 2: 4}.get(entity_id),
        "order_currency_code": "USD",
        "base_currency_code": "USD",
        "created_at": CREATED,
        "updated_at": CREATED,
    }


def _address(entity_id: int, parent_id: int, kind: str) -> dict[str, Any]:
    return {
        "entity_id": entity_id,
        "parent_id": parent_id,
        "address_type": kind,
        "firstname": "Jane",
        "lastname": "Roe",
        "city": "Springfield",
        "country_id": "US",
    }


def _item(item_id: int, order_id: int, kind: str, name: str) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "order_id": order_id,
        "store_id": 1,
        "product_type": kind,
        "sku": name,
        "name": name,
        "qty_ordered": "2.0000",
        "price": "50.0000",
        "base_price": "50.0000",
        "row_total": "100.0000",
        "base_row_total": "100.0000",
        "created_at": CREATED,
        "updated_at": CREATED,
    }


def _invoice(entity_id: int, increment_id: str) -> dict[str, Any]:
    return {
        "entity_id": entity_id,
        "increment_id": increment_id,
        "store_id": 1,
        "order_id": 2,
        "state": 1,
        "grand_total": "100.0000",
        "base_grand_total": "100.0000",
        "total_qty": "2.0000",
        "billing_address_id": 3,
        "shipping_address_id": 4,
        "order_currency_code": "USD",
        "created_at": CREATED,
        "updated_at": CREATED,
    }

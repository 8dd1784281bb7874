"""The rows of an order as it was placed: header, items, addresses, payment, first history entry, grid.

This is what a shop's checkout writes. It computes the amounts once: a row is price times quantity, its discount and its
tax are percentages of that, and the order is the sum of its rows. What becomes of the order later is the business of
the invoicing domain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Any

import phpserialize

from magento_soap.sales.money import CENT, NOTHING, ZERO, Amount
from magento_soap.sales.payment import AUTHORIZATION
from magento_soap.sales.states import NOT_APPLICABLE
from magento_soap.storage.schema.reference_rows import Rows

from .orders import BASE_CURRENCY, DemoOrder, Line

STORE_NAMES = {
    1: "Main Website\nMain Website Store\nEnglish",
    2: "Main Website\nInternational Store\nInternational",
}


@dataclass
class _Item:
    """An order item with its money."""

    item_id: int
    line: Line
    qty: Decimal
    parent: _Item | None
    is_dummy: bool  # its money is carried by its parent or its children (ORD-9)
    price: Amount
    row: Amount
    discount: Amount
    tax: Amount
    fee: Amount  # per unit
    price_incl_tax: Amount
    row_incl_tax: Amount

    @property
    def sku(self) -> str:
        """A configurable product is sold under the SKU of the chosen variant."""
        product = self.line.product
        return self.line.children[0].product.sku if product.type == "configurable" else product.sku


@dataclass(frozen=True)
class _Placed:
    """An order with its ids and totals."""

    order_id: int
    order: DemoOrder
    items: tuple[_Item, ...]
    billing_address_id: int
    shipping_address_id: int | None
    totals: dict[str, Amount]


class Checkout:
    """Places orders, one after the other; their ids follow one another."""

    def __init__(self) -> None:
        self._last_ids: dict[str, int] = {}

    def place(self, order: DemoOrder) -> Rows:
        """The rows of the order. Raises ValueError when one of its lines wants an item id that is in use."""
        items = tuple(self._items(order))
        placed = _Placed(
            self._next_id("order"),
            order,
            items,
            self._next_id("address"),
            None if order.is_virtual else self._next_id("address"),
            _totals(order, items),
        )
        row = _order_row(placed)
        rows: Rows = {
            "sales_flat_order": [row],
            "sales_flat_order_item": [_item_row(placed, item) for item in items],
            "sales_flat_order_address": list(_address_rows(placed)),
            "sales_flat_order_payment": [_payment_row(placed)],
            "sales_flat_order_status_history": [_history_row(placed)],
            "sales_flat_order_grid": [_grid_row(order, row)],
        }
        return rows | {"sales_payment_transaction": [_authorization_row(placed)] if order.is_authorized else []}

    def _items(self, order: DemoOrder) -> Iterator[_Item]:
        for line in order.lines:
            parent = self._item(order, line, line.qty, None)
            children = [self._item(order, child, child.qty * line.qty, parent) for child in line.children]
            if line.calculated_by_child:  # the parent shows what its children cost (ORD-9)
                parent.row, parent.row_incl_tax = _sum(c.row for c in children), _sum(c.row_incl_tax for c in children)
                parent.tax = _sum(c.tax for c in children)
                parent.price, parent.price_incl_tax = parent.row / parent.qty, parent.row_incl_tax / parent.qty
            yield parent
            yield from children

    def _item(self, order: DemoOrder, line: Line, qty: Decimal, parent: _Item | None) -> _Item:
        by_child = (parent.line if parent else line).calculated_by_child
        is_dummy = bool(line.children) if by_child else parent is not None
        product = line.product
        price = NOTHING if is_dummy else _both(product.price, order.rate)
        row = _round(price * qty)
        discount = _round(row * line.discount / Decimal(100))
        percent = product.tax / 100
        return _Item(
            item_id=self._next_id("item", line.item_id),
            line=line,
            qty=qty,
            parent=parent,
            is_dummy=is_dummy,
            price=price,
            row=row,
            discount=discount,
            tax=_round((row - discount) * percent),
            fee=_both(product.fee, order.rate),
            price_incl_tax=_round(price * (1 + percent)),
            row_incl_tax=row + _round(row * percent),
        )

    def _next_id(self, kind: str, wanted: int | None = None) -> int:
        """The next id of that kind, or ``wanted`` if the data asks for one. Gaps are normal, steps back are not."""
        last = self._last_ids.get(kind, 0)
        if wanted is not None and wanted <= last:
            raise ValueError(f"{kind}: id {wanted} is in use or skipped, the last one was {last}")
        self._last_ids[kind] = last + 1 if wanted is None else wanted
        return self._last_ids[kind]


def _totals(order: DemoOrder, items: Iterable[_Item]) -> dict[str, Amount]:
    """An order's totals; a fixed product tax counts as tax, as Magento has it by default (TOT-9)."""
    priced = [item for item in items if not item.is_dummy]
    shipping = NOTHING if order.is_virtual else _both(order.shipping, order.rate)
    shipping_tax = _round(shipping * (order.shipping_tax / 100))
    fees = _sum(item.fee * item.qty for item in priced)
    totals = {
        "subtotal": _sum(item.row for item in priced),
        "subtotal_incl_tax": _sum(item.row_incl_tax for item in priced) + fees,
        "discount_amount": -_sum(item.discount for item in priced),
        "tax_amount": _sum(item.tax for item in priced) + fees + shipping_tax,
        "shipping_amount": shipping,
        "shipping_tax_amount": shipping_tax,
        "shipping_incl_tax": shipping + shipping_tax,
    }
    parts = ("subtotal", "discount_amount", "shipping_amount", "tax_amount")
    return totals | {"grand_total": _sum(totals[part] for part in parts)}


def _address_rows(placed: _Placed) -> Iterator[dict[str, Any]]:
    buyer = placed.order.buyer
    for entity_id, kind in ((placed.billing_address_id, "billing"), (placed.shipping_address_id, "shipping")):
        if entity_id is not None:
            yield {
                "entity_id": entity_id,
                "parent_id": placed.order_id,
                "address_type": kind,
                "customer_id": buyer.customer_id,
                "firstname": buyer.firstname,
                "middlename": buyer.middlename,
                "lastname": buyer.lastname,
                "company": buyer.company,
                "street": buyer.street,
                "city": buyer.city,
                "region": buyer.region,
                "postcode": buyer.postcode,
                "country_id": buyer.country_id,
                "telephone": buyer.telephone,
                "email": buyer.email,
            }


def _order_row(placed: _Placed) -> dict[str, Any]:
    order, buyer, totals = placed.order, placed.order.buyer, placed.totals
    visible = [item for item in placed.items if item.parent is None]
    return {
        "entity_id": placed.order_id,
        "increment_id": order.number,
        "state": order.state,
        "status": _status(order.state),
        "protect_code": sha256(order.number.encode()).hexdigest()[:6],
        "store_id": order.store_id,
        "store_name": STORE_NAMES[order.store_id],
        "is_virtual": int(order.is_virtual),
        "customer_id": buyer.customer_id,
        "customer_is_guest": int(buyer.customer_id is None),
        "customer_group_id": 0 if buyer.customer_id is None else 1,
        "customer_email": buyer.email,
        "customer_firstname": buyer.firstname,
        "customer_middlename": buyer.middlename,
        "customer_lastname": buyer.lastname,
        "billing_address_id": placed.billing_address_id,
        "shipping_address_id": placed.shipping_address_id,
        "coupon_code": order.coupon,
        "coupon_rule_name": order.coupon,
        "discount_description": order.coupon,
        "shipping_method": None if order.is_virtual else "flatrate_flatrate",
        "shipping_description": None if order.is_virtual else "Flat Rate - Fixed",
        "total_item_count": len(visible),
        "total_qty_ordered": _text(sum((item.qty for item in visible), ZERO)),
        "weight": _text(sum((item.line.product.weight * item.qty for item in visible), ZERO)),
        "created_at": _time(order.created),
        "updated_at": _time(order.created),
        **_currency_columns(order),
        **{column: text for name, amount in totals.items() for column, text in _columns(name, amount).items()},
        **_columns("hidden_tax_amount", NOTHING),
        **_columns("shipping_discount_amount", NOTHING),
        "shipping_hidden_tax_amount": _text(ZERO),
        "base_shipping_hidden_tax_amnt": _text(ZERO),
    }


def _grid_row(order: DemoOrder, row: dict[str, Any]) -> dict[str, Any]:
    columns = "entity_id status store_id store_name customer_id base_grand_total grand_total"
    columns += " increment_id base_currency_code order_currency_code created_at updated_at"
    names = {"billing_name": order.buyer.name, "shipping_name": None if order.is_virtual else order.buyer.name}
    return {column: row[column] for column in columns.split()} | names


def _item_row(placed: _Placed, item: _Item) -> dict[str, Any]:
    order, product, line = placed.order, item.line.product, item.line
    is_priced = not item.is_dummy
    has_tax = is_priced or bool(line.children)
    return {
        "item_id": item.item_id,
        "order_id": placed.order_id,
        "parent_item_id": item.parent.item_id if item.parent else None,
        "store_id": order.store_id,
        "created_at": _time(order.created),
        "updated_at": _time(order.created),
        "product_id": product.product_id,
        "product_type": product.type,
        "product_options": _product_options(item),
        "weight": _text(product.weight),
        "is_virtual": int(product.is_virtual),
        "sku": item.sku,
        "name": product.name,
        "is_qty_decimal": int(product.is_qty_decimal),
        "is_nominal": 0,
        "free_shipping": 0,
        "no_discount": 0,
        "qty_ordered": _text(item.qty),
        **dict.fromkeys(("qty_invoiced", "qty_canceled", "qty_shipped", "qty_refunded"), _text(ZERO)),
        "base_cost": None if product.cost is None else _text(product.cost),
        **_columns("price", item.price),
        **_columns("original_price", item.price),
        **_columns("price_incl_tax", item.price_incl_tax if has_tax else None),
        **_columns("row_total", item.row),
        **_columns("row_total_incl_tax", item.row_incl_tax if has_tax else None),
        "tax_percent": _text(product.tax) if is_priced else None,
        **_columns("tax_amount", item.tax if has_tax else None),
        **_columns("hidden_tax_amount", NOTHING if is_priced else None),
        "discount_percent": _text(line.discount),
        **_columns("discount_amount", item.discount),
        **_columns("row_invoiced", NOTHING),
        **_columns("tax_invoiced", NOTHING),
        **_columns("discount_invoiced", NOTHING),
        **_columns("amount_refunded", NOTHING),
        "row_weight": _text(product.weight * item.qty),
        **_fee_columns(item),
    }


def _payment_row(placed: _Placed) -> dict[str, Any]:
    order, totals = placed.order, placed.totals
    return {
        "entity_id": placed.order_id,  # every order has one payment
        "parent_id": placed.order_id,
        "method": order.method,
        "po_number": order.po_number,
        "last_trans_id": _authorization_id(order) if order.is_authorized else None,
        **_columns("amount_ordered", totals["grand_total"]),
        **_columns("amount_authorized", totals["grand_total"] if order.is_authorized else None),
        **_columns("shipping_amount", totals["shipping_amount"]),
    }


def _authorization_row(placed: _Placed) -> dict[str, Any]:
    return {
        "order_id": placed.order_id,
        "payment_id": placed.order_id,
        "txn_id": _authorization_id(placed.order),
        "txn_type": AUTHORIZATION,
        "is_closed": 0,
        "created_at": _time(placed.order.created),
    }


def _authorization_id(order: DemoOrder) -> str:
    return f"auth-{order.number}"


def _history_row(placed: _Placed) -> dict[str, Any]:
    order, amount = placed.order, placed.totals["grand_total"].base
    authorized = f'Authorized amount of ${amount:,.2f}. Transaction ID: "{_authorization_id(order)}".'
    return {
        "parent_id": placed.order_id,
        "is_customer_notified": NOT_APPLICABLE,
        "is_visible_on_front": 0,
        "comment": authorized if order.is_authorized else None,
        "status": _status(order.state),
        "created_at": _time(order.created),
        "entity_name": "order",
    }


def _product_options(item: _Item) -> str:
    """What the buyer chose, and how the parts of a bundle or configurable are priced and shipped (ORD-8)."""
    chosen = item.parent or item
    options: dict[str, Any] = {
        "info_buyRequest": {"qty": int(chosen.qty) or float(chosen.qty), "product": chosen.line.product.product_id}
    }
    options |= item.line.options
    if item.line.children:
        options |= {"product_calculations": int(not item.line.calculated_by_child), "shipment_type": 0}
    return str(phpserialize.dumps(options).decode())


def _fee_columns(item: _Item) -> dict[str, Any]:
    """The fixed product tax, with Magento's serialized list of it (TOT-9)."""
    row_fee = item.fee * item.qty
    applied = {
        "title": "Recycling fee",
        "base_amount": float(item.fee.base),
        "amount": float(item.fee.order),
        "row_amount": float(row_fee.order),
        "base_row_amount": float(row_fee.base),
        "base_amount_incl_tax": float(item.fee.base),
        "amount_incl_tax": float(item.fee.order),
        "row_amount_incl_tax": float(row_fee.order),
        "base_row_amount_incl_tax": float(row_fee.base),
    }
    return {
        "weee_tax_applied": phpserialize.dumps([applied] if item.fee else []).decode(),
        **_columns("weee_tax_applied_amount", item.fee),
        "weee_tax_applied_row_amount": _text(row_fee.order),
        "base_weee_tax_applied_row_amnt": _text(row_fee.base),
        **_columns("weee_tax_disposition", NOTHING),
        **_columns("weee_tax_row_disposition", NOTHING),
    }


def _currency_columns(order: DemoOrder) -> dict[str, Any]:
    return {
        "global_currency_code": BASE_CURRENCY,
        "base_currency_code": BASE_CURRENCY,
        "store_currency_code": BASE_CURRENCY,
        "order_currency_code": order.currency,
        "store_to_base_rate": _text(Decimal(1)),
        "store_to_order_rate": _text(order.rate),
        "base_to_global_rate": _text(Decimal(1)),
        "base_to_order_rate": _text(order.rate),
    }


def _columns(name: str, amount: Amount | None) -> dict[str, str | None]:
    """A pair of columns: the amount in the order's and in the base currency."""
    if amount is None:
        return {name: None, f"base_{name}": None}
    return {name: _text(amount.order), f"base_{name}": _text(amount.base)}


def _both(price: Decimal, rate: Decimal) -> Amount:
    return _round(Amount(price * rate, price))


def _round(amount: Amount) -> Amount:
    return Amount(amount.order.quantize(CENT, ROUND_HALF_UP), amount.base.quantize(CENT, ROUND_HALF_UP))


def _sum(amounts: Iterable[Amount]) -> Amount:
    return sum(amounts, NOTHING)


def _text(number: Decimal) -> str:
    return f"{number + 0:.4f}"  # + 0: a negative zero is zero


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _status(state: str) -> str:
    return "pending" if state == "new" else state

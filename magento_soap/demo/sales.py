"""From what was sold to the shop's rows: derives every total, so that the demo shop adds up to the cent.

A ``Sale`` says what a person would say of an order: who bought what, what was invoiced, what became of it. ``Ledger``
writes it down as Magento's tables have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Any

import phpserialize

from magento_soap.sales.invoice import CANCELED, PAID
from magento_soap.sales.money import NOTHING, ZERO, Amount
from magento_soap.sales.payment import AUTHORIZATION, CAPTURE
from magento_soap.storage.schema.reference_rows import Rows

CENT = Decimal("0.01")
BASE_CURRENCY = "USD"
NONE_NOTIFIED = 2  # is_customer_notified of a history row: not applicable (INV-40)


@dataclass(frozen=True)
class Product:
    """Something to sell; ``price`` is in the base currency, ``tax`` in percent, ``fee`` a fixed product tax a unit."""

    product_id: int
    sku: str
    name: str
    price: Decimal
    tax: Decimal = ZERO
    fee: Decimal = ZERO
    type: str = "simple"
    weight: Decimal = Decimal(1)
    cost: Decimal | None = None
    is_qty_decimal: bool = False

    @property
    def is_virtual(self) -> bool:
        return self.type in ("virtual", "downloadable")


@dataclass(frozen=True)
class Line:
    """A product in an order. ``children`` are the parts of a bundle or the variant of a configurable (ORD-8, ORD-9)."""

    product: Product
    qty: Decimal = Decimal(1)
    discount: Decimal = ZERO  # percent
    children: tuple[Line, ...] = ()
    calculated_by_child: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    item_id: int | None = None


@dataclass(frozen=True)
class Bill:
    """An invoice of a sale: ``quantities`` by SKU, or None for everything that is left."""

    number: str
    created: datetime
    quantities: Mapping[str, Decimal] | None = None
    state: int = PAID
    comments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Person:
    """A customer or guest with one address; guests have no ``customer_id``."""

    firstname: str
    lastname: str
    email: str
    street: str
    city: str
    postcode: str
    country_id: str
    region: str | None = None
    telephone: str = "555-0100"
    company: str | None = None
    middlename: str | None = None
    customer_id: int | None = None

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.firstname, self.middlename, self.lastname) if part)


@dataclass(frozen=True)
class Sale:
    """One order and what became of it."""

    number: str
    created: datetime
    buyer: Person
    lines: tuple[Line, ...]
    bills: tuple[Bill, ...] = ()
    state: str = "new"
    store_id: int = 1
    method: str = "checkmo"
    is_gateway: bool = False
    currency: str = BASE_CURRENCY
    rate: Decimal = Decimal(1)
    shipping: Decimal = Decimal(5)
    shipping_tax: Decimal = ZERO  # percent
    coupon: str | None = None
    po_number: str | None = None

    @property
    def is_virtual(self) -> bool:
        return all(line.product.is_virtual for line in self.lines)


@dataclass
class _Item:
    """An order item with its money: what ``sales_flat_order_item`` holds."""

    item_id: int
    line: Line
    qty: Decimal
    parent: _Item | None
    is_dummy: bool
    price: Amount
    row: Amount
    discount: Amount
    tax: Amount
    fee: Amount  # a unit
    price_incl_tax: Amount
    row_incl_tax: Amount
    invoiced: Decimal = ZERO
    row_invoiced: Amount = NOTHING
    discount_invoiced: Amount = NOTHING
    tax_invoiced: Amount = NOTHING

    @property
    def sku(self) -> str:
        """A configurable product is sold under the SKU of the chosen variant."""
        product = self.line.product
        return self.line.children[0].product.sku if product.type == "configurable" else product.sku

    def share(self, qty: Decimal) -> _Share:
        """What ``qty`` of the item carries of its money; the whole rest when nothing is left after it."""

        def part(whole: Amount, done: Amount) -> Amount:
            if qty == self.qty - self.invoiced:
                return whole - done
            exact = whole * (qty / self.qty)
            if _round(exact) != exact:
                raise ValueError(f"{self.sku}: an invoice of the demo shop must take whole cents, not {exact}")
            return exact

        return _Share(
            qty=qty,
            row=part(self.row, self.row_invoiced),
            row_incl_tax=_round(self.row_incl_tax * (qty / self.qty)),
            discount=part(self.discount, self.discount_invoiced),
            tax=part(self.tax, self.tax_invoiced),
        )

    def count(self, share: _Share) -> None:
        """Count the share as invoiced; items that only follow others have no money of their own."""
        self.invoiced += share.qty
        if not self.is_dummy:
            self.row_invoiced += share.row
            self.discount_invoiced += share.discount
            self.tax_invoiced += share.tax


@dataclass(frozen=True)
class _Share:
    """What an invoice takes of one order item."""

    qty: Decimal
    row: Amount
    row_incl_tax: Amount
    discount: Amount
    tax: Amount


@dataclass(frozen=True)
class _Order:
    """A sale that has its ids and totals, while it is being written down."""

    order_id: int
    payment_id: int
    sale: Sale
    items: tuple[_Item, ...]
    billing_address_id: int
    shipping_address_id: int | None
    totals: Mapping[str, Amount]


@dataclass(frozen=True)
class _Money:
    """What of an order's sums was invoiced and paid."""

    invoiced: Mapping[str, Amount]
    paid: Amount
    shipping_paid: Amount


class Ledger:
    """Writes sales down as rows, table by table; ``rows`` has the shape that ``db load`` takes."""

    def __init__(self, store_names: Mapping[int, str]) -> None:
        self.rows: Rows = {"sales_flat_order": []}  # first, as the others refer to it
        self._store_names = store_names
        self._last_ids: dict[str, int] = {}

    def enter(self, sale: Sale) -> None:
        """Write one order with items, addresses, payment, invoices, transactions, history and grids."""
        items = tuple(self._items(sale))
        order = _Order(
            self._next_id("sales_flat_order"),
            self._next_id("sales_flat_order_payment"),
            sale,
            items,
            self._next_id("sales_flat_order_address"),
            None if sale.is_virtual else self._next_id("sales_flat_order_address"),
            _order_totals(sale, items),
        )
        self._add("sales_flat_order_address", *_address_rows(order))
        self._place(order)

        invoiced, captured, shipping_captured = dict.fromkeys(order.totals, NOTHING), NOTHING, NOTHING
        last_transaction, is_new, is_first = f"auth-{sale.number}", not sale.is_gateway, True
        for bill in sale.bills:
            totals = self._invoice(order, bill, with_shipping=is_first)
            if bill.state == CANCELED:
                self._history(order, "processing", bill.created, entity_name="invoice")
                continue
            is_first = False
            invoiced = {name: invoiced[name] + totals[name] for name in invoiced}
            if bill.state == PAID:
                captured += totals["grand_total"]
                shipping_captured += totals["shipping_amount"]
                if sale.is_gateway:
                    is_final = captured == order.totals["grand_total"]
                    last_transaction = self._capture(order, bill, totals["grand_total"], is_final)
            if is_new:
                self._history(order, "processing", bill.created, entity_name="invoice")
                is_new = False
        changed = max([sale.created, *(bill.created for bill in sale.bills)])
        if sale.state not in ("new", "processing", "pending_payment"):
            changed += timedelta(minutes=10)
            self._history(order, sale.state, changed)

        money = _Money(invoiced, captured, shipping_captured)
        row = _order_row(order, money, changed) | {"store_name": self._store_names[sale.store_id]}
        self._add("sales_flat_order", row)
        self._add("sales_flat_order_item", *(_item_row(order, item) for item in items))
        self._add("sales_flat_order_payment", _payment_row(order, money, last_transaction))
        self._add("sales_flat_order_grid", _order_grid_row(sale, row))

    def _items(self, sale: Sale) -> Iterator[_Item]:
        for line in sale.lines:
            parent = self._item(sale, line, line.qty, None)
            children = [self._item(sale, child, child.qty * line.qty, parent) for child in line.children]
            if line.calculated_by_child:  # the parent shows what its children cost (ORD-9)
                parent.row, parent.row_incl_tax = _sum(c.row for c in children), _sum(c.row_incl_tax for c in children)
                parent.tax = _sum(c.tax for c in children)
                parent.price, parent.price_incl_tax = parent.row / parent.qty, parent.row_incl_tax / parent.qty
            yield parent
            yield from children

    def _item(self, sale: Sale, line: Line, qty: Decimal, parent: _Item | None) -> _Item:
        by_child = (parent.line if parent else line).calculated_by_child
        is_dummy = bool(line.children) if by_child else parent is not None
        product = line.product
        price = NOTHING if is_dummy else _both(product.price, sale.rate)
        row = _round(price * qty)
        discount = _round(row * line.discount / Decimal(100))
        percent = product.tax / 100
        return _Item(
            item_id=self._next_id("sales_flat_order_item", line.item_id),
            line=line,
            qty=qty,
            parent=parent,
            is_dummy=is_dummy,
            price=price,
            row=row,
            discount=discount,
            tax=_round((row - discount) * percent),
            fee=_both(product.fee, sale.rate),
            price_incl_tax=_round(price * (1 + percent)),
            row_incl_tax=row + _round(row * percent),
        )

    def _place(self, order: _Order) -> None:
        """The order's first history row, and with a gateway the authorization of its whole amount."""
        sale = order.sale
        if not sale.is_gateway:
            placed = "pending_payment" if sale.state == "pending_payment" else "new"
            self._history(order, _status(placed), sale.created)
            return
        txn_id = f"auth-{sale.number}"
        self._transaction(order, txn_id, AUTHORIZATION, sale.created)
        amount = order.totals["grand_total"].base
        comment = f'Authorized amount of ${amount:,.2f}. Transaction ID: "{txn_id}".'
        self._history(order, "processing", sale.created, comment)

    def _capture(self, order: _Order, bill: Bill, amount: Amount, is_final: bool) -> str:
        """Capture an invoice online, closing the authorization with the last one (INV-20); returns the transaction."""
        txn_id = f"cap-{bill.number}"
        capture = self._transaction(order, txn_id, CAPTURE, bill.created)
        transactions = self.rows["sales_payment_transaction"]
        authorization = next(t for t in transactions if t["txn_id"] == f"auth-{order.sale.number}")
        authorization["is_closed"] = int(is_final)
        capture |= {"parent_id": authorization["transaction_id"], "parent_txn_id": authorization["txn_id"]}
        comment = f'Captured amount of ${amount.base:,.2f} online. Transaction ID: "{txn_id}".'
        self._history(order, "processing", bill.created, comment, "invoice")
        return txn_id

    def _transaction(self, order: _Order, txn_id: str, txn_type: str, created: datetime) -> dict[str, Any]:
        row: dict[str, Any] = {
            "transaction_id": self._next_id("sales_payment_transaction"),
            "parent_id": None,
            "order_id": order.order_id,
            "payment_id": order.payment_id,
            "txn_id": txn_id,
            "parent_txn_id": None,
            "txn_type": txn_type,
            "is_closed": 0,
            "additional_information": None,
            "created_at": _time(created),
        }
        self._add("sales_payment_transaction", row)
        return row

    def _invoice(self, order: _Order, bill: Bill, with_shipping: bool) -> dict[str, Amount]:
        """Write an invoice and count its lines as invoiced, unless it is canceled; returns its totals."""
        invoice_id = self._next_id("sales_flat_invoice")
        totals = dict.fromkeys(order.totals, NOTHING)
        total_qty = ZERO
        for item in order.items:
            share = item.share(_billed_qty(item, bill))
            if share.qty == 0:
                continue
            total_qty += share.qty
            ids = {"entity_id": self._next_id("sales_flat_invoice_item"), "parent_id": invoice_id}
            self._add("sales_flat_invoice_item", ids | _invoice_item_row(item, share))
            if not item.is_dummy:
                totals["subtotal"] += share.row
                totals["subtotal_incl_tax"] += share.row_incl_tax + item.fee * item.qty
                totals["discount_amount"] -= share.discount
                totals["tax_amount"] += share.tax + item.fee * share.qty
            if bill.state != CANCELED:
                item.count(share)
        if with_shipping:
            for name in ("shipping_amount", "shipping_incl_tax", "shipping_tax_amount"):
                totals[name] = order.totals[name]
            totals["tax_amount"] += totals["shipping_tax_amount"]
        totals["grand_total"] = _grand_total(totals)

        row = {"entity_id": invoice_id, "total_qty": _text(total_qty)}
        row |= _invoice_row(order, bill, totals, with_shipping)
        self._add("sales_flat_invoice", row)
        self._add("sales_flat_invoice_grid", _invoice_grid_row(order.sale, row))
        for number, comment in enumerate(bill.comments):
            self._comment(invoice_id, comment, bill.created + timedelta(minutes=2 * number))
        return totals

    def _comment(self, invoice_id: int, comment: str, created: datetime) -> None:
        self._add(
            "sales_flat_invoice_comment",
            {
                "entity_id": self._next_id("sales_flat_invoice_comment"),
                "parent_id": invoice_id,
                "is_customer_notified": 1,
                "is_visible_on_front": 0,
                "comment": comment,
                "created_at": _time(created),
            },
        )

    def _history(
        self, order: _Order, status: str, created: datetime, comment: str | None = None, entity_name: str = "order"
    ) -> None:
        self._add(
            "sales_flat_order_status_history",
            {
                "entity_id": self._next_id("sales_flat_order_status_history"),
                "parent_id": order.order_id,
                "is_customer_notified": NONE_NOTIFIED,
                "is_visible_on_front": 0,
                "comment": comment,
                "status": status,
                "created_at": _time(created),
                "entity_name": entity_name,
            },
        )

    def _next_id(self, table: str, wanted: int | None = None) -> int:
        """The table's next id, or ``wanted`` when the data asks for one; gaps are normal, steps back are not."""
        last = self._last_ids.get(table, 0)
        if wanted is not None and wanted <= last:
            raise ValueError(f"{table}: id {wanted} is taken or past, the last one was {last}")
        self._last_ids[table] = last + 1 if wanted is None else wanted
        return self._last_ids[table]

    def _add(self, table: str, *rows: dict[str, Any]) -> None:
        self.rows.setdefault(table, []).extend(rows)


def _order_totals(sale: Sale, items: Iterable[_Item]) -> dict[str, Amount]:
    """An order's totals; a fixed product tax counts as tax, as Magento has it by default (TOT-9)."""
    priced = [item for item in items if not item.is_dummy]
    shipping = NOTHING if sale.is_virtual else _both(sale.shipping, sale.rate)
    shipping_tax = _round(shipping * (sale.shipping_tax / 100))
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
    return totals | {"grand_total": _grand_total(totals)}


def _address_rows(order: _Order) -> Iterator[dict[str, Any]]:
    buyer = order.sale.buyer
    for entity_id, kind in ((order.billing_address_id, "billing"), (order.shipping_address_id, "shipping")):
        if entity_id is not None:
            yield {
                "entity_id": entity_id,
                "parent_id": order.order_id,
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


def _order_row(order: _Order, money: _Money, changed: datetime) -> dict[str, Any]:
    sale, buyer, items, totals = order.sale, order.sale.buyer, order.items, order.totals
    visible = [item for item in items if item.parent is None]
    billed = bool(sale.bills)
    canceled, refunded = sale.state == "canceled", sale.state == "closed"
    held = "processing" if billed else "new"
    row = {
        "entity_id": order.order_id,
        "increment_id": sale.number,
        "state": sale.state,
        "status": _status(sale.state),
        "hold_before_state": held if sale.state == "holded" else None,
        "hold_before_status": _status(held) if sale.state == "holded" else None,
        "protect_code": sha256(sale.number.encode()).hexdigest()[:6],
        "store_id": sale.store_id,
        "is_virtual": int(sale.is_virtual),
        "customer_id": buyer.customer_id,
        "customer_is_guest": int(buyer.customer_id is None),
        "customer_group_id": 0 if buyer.customer_id is None else 1,
        "customer_email": buyer.email,
        "customer_firstname": buyer.firstname,
        "customer_middlename": buyer.middlename,
        "customer_lastname": buyer.lastname,
        "billing_address_id": order.billing_address_id,
        "shipping_address_id": order.shipping_address_id,
        "coupon_code": sale.coupon,
        "coupon_rule_name": sale.coupon,
        "discount_description": sale.coupon,
        "shipping_method": None if sale.is_virtual else "flatrate_flatrate",
        "shipping_description": None if sale.is_virtual else "Flat Rate - Fixed",
        "total_item_count": len(visible),
        "total_qty_ordered": _text(sum((item.qty for item in visible), ZERO)),
        "weight": _text(sum((item.line.product.weight * item.qty for item in visible), ZERO)),
        "created_at": _time(sale.created),
        "updated_at": _time(changed),
        **_currency_columns(sale),
        **_columns("grand_total", totals["grand_total"]),
        **_columns("subtotal", totals["subtotal"]),
        **_columns("subtotal_incl_tax", totals["subtotal_incl_tax"]),
        **_columns("discount_amount", totals["discount_amount"]),
        **_columns("tax_amount", totals["tax_amount"]),
        **_columns("hidden_tax_amount", NOTHING),
        **_columns("shipping_amount", totals["shipping_amount"]),
        **_columns("shipping_incl_tax", totals["shipping_incl_tax"]),
        **_columns("shipping_tax_amount", totals["shipping_tax_amount"]),
        **_columns("shipping_discount_amount", NOTHING),
        "shipping_hidden_tax_amount": _text(ZERO),
        "base_shipping_hidden_tax_amnt": _text(ZERO),
        **_columns("total_paid", money.paid or None),
        **_columns("total_due", totals["grand_total"] - money.paid if billed else None),
        "base_total_invoiced_cost": _text(_cost(items)) if billed else None,
    }
    for kind in ("subtotal", "discount", "tax", "shipping"):
        column = kind if kind == "subtotal" else f"{kind}_amount"
        row |= _columns(f"{kind}_invoiced", money.invoiced[column] if billed else None)
        row |= _columns(f"{kind}_canceled", totals[column] if canceled else None)
        row |= _columns(f"{kind}_refunded", money.invoiced[column] if refunded else None)
    row |= _columns("hidden_tax_invoiced", NOTHING if billed else None)
    row |= _columns("total_invoiced", money.invoiced["grand_total"] if billed else None)
    row |= _columns("total_canceled", totals["grand_total"] if canceled else None)
    row |= _columns("total_refunded", money.paid if refunded else None)
    row |= _columns("total_offline_refunded", money.paid if refunded else None)
    return row


def _order_grid_row(sale: Sale, row: Mapping[str, Any]) -> dict[str, Any]:
    columns = "entity_id status store_id store_name customer_id base_grand_total base_total_paid grand_total"
    columns += " total_paid increment_id base_currency_code order_currency_code created_at updated_at"
    names = {"billing_name": sale.buyer.name, "shipping_name": None if sale.is_virtual else sale.buyer.name}
    return {column: row[column] for column in columns.split()} | names


def _item_row(order: _Order, item: _Item) -> dict[str, Any]:
    sale = order.sale
    product, line = item.line.product, item.line
    is_priced = not item.is_dummy
    done = item.qty if sale.state in ("complete", "closed") else ZERO
    refunded = sale.state == "closed"
    has_tax = is_priced or bool(line.children)
    return {
        "item_id": item.item_id,
        "order_id": order.order_id,
        "parent_item_id": item.parent.item_id if item.parent else None,
        "store_id": sale.store_id,
        "created_at": _time(sale.created),
        "updated_at": _time(sale.created),
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
        "qty_invoiced": _text(item.invoiced),
        "qty_canceled": _text(item.qty if sale.state == "canceled" else ZERO),
        "qty_shipped": _text(ZERO if product.is_virtual else done),
        "qty_refunded": _text(item.qty if refunded and is_priced else ZERO),
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
        **_columns("row_invoiced", item.row_invoiced),
        **_columns("tax_invoiced", item.tax_invoiced),
        **_columns("discount_invoiced", item.discount_invoiced),
        **_columns("amount_refunded", item.row_invoiced if refunded else NOTHING),
        **_columns("tax_refunded", item.tax_invoiced if refunded and is_priced else None),
        "row_weight": _text(product.weight * item.qty),
        **_fee_columns(item, item.qty),
    }


def _invoice_row(order: _Order, bill: Bill, totals: Mapping[str, Amount], with_shipping: bool) -> dict[str, Any]:
    sale = order.sale
    is_captured, is_refunded = sale.is_gateway and bill.state == PAID, sale.state == "closed"
    return {
        "increment_id": bill.number,
        "order_id": order.order_id,
        "store_id": sale.store_id,
        "state": bill.state,
        "billing_address_id": order.billing_address_id,
        "shipping_address_id": order.shipping_address_id,
        "discount_description": sale.coupon,
        "can_void_flag": None if sale.is_gateway else 0,
        "transaction_id": f"cap-{bill.number}" if is_captured else None,
        "is_used_for_refund": 1 if is_refunded else None,
        "base_total_refunded": _text(totals["grand_total"].base) if is_refunded else None,
        "created_at": _time(bill.created),
        "updated_at": _time(bill.created),
        **_currency_columns(sale),
        **_columns("grand_total", totals["grand_total"]),
        **_columns("subtotal", totals["subtotal"]),
        **_columns("subtotal_incl_tax", totals["subtotal_incl_tax"]),
        **_columns("discount_amount", totals["discount_amount"]),
        **_columns("tax_amount", totals["tax_amount"]),
        **_columns("hidden_tax_amount", NOTHING),
        **_columns("shipping_amount", totals["shipping_amount"]),
        **_columns("shipping_incl_tax", totals["shipping_incl_tax"] if with_shipping else None),
        **_columns("shipping_tax_amount", totals["shipping_tax_amount"] if with_shipping else None),
        "shipping_hidden_tax_amount": _text(ZERO) if with_shipping else None,
    }


def _invoice_grid_row(sale: Sale, row: Mapping[str, Any]) -> dict[str, Any]:
    columns = "entity_id store_id base_grand_total grand_total order_id state store_currency_code"
    columns += " order_currency_code base_currency_code global_currency_code increment_id created_at"
    return {column: row[column] for column in columns.split()} | {
        "order_increment_id": sale.number,
        "order_created_at": _time(sale.created),
        "billing_name": sale.buyer.name,
    }


def _invoice_item_row(item: _Item, share: _Share) -> dict[str, Any]:
    is_priced, product = not item.is_dummy, item.line.product
    return {
        "order_item_id": item.item_id,
        "product_id": product.product_id,
        "sku": item.sku,
        "name": product.name,
        "qty": _text(share.qty),
        "base_cost": None if product.cost is None else _text(product.cost),
        **_columns("price", item.price),
        **_columns("price_incl_tax", item.price_incl_tax if is_priced or item.line.children else None),
        **_columns("row_total", share.row if is_priced else None),
        **_columns("row_total_incl_tax", share.row_incl_tax if is_priced else None),
        **_columns("tax_amount", share.tax if is_priced else None),
        **_columns("hidden_tax_amount", NOTHING if is_priced else None),
        **_columns("discount_amount", share.discount if is_priced and item.discount else None),
        **_fee_columns(item, share.qty),
    }


def _grand_total(totals: Mapping[str, Amount]) -> Amount:
    return totals["subtotal"] + totals["discount_amount"] + totals["shipping_amount"] + totals["tax_amount"]


def _billed_qty(item: _Item, bill: Bill) -> Decimal:
    """How much of the item the invoice takes; parts that follow their parent or children go along in proportion."""
    if bill.quantities is None:
        return item.qty - item.invoiced
    leader = item.parent or item
    return item.qty * bill.quantities.get(leader.line.product.sku, ZERO) / leader.qty


def _payment_row(order: _Order, money: _Money, last_transaction: str) -> dict[str, Any]:
    sale, ordered = order.sale, order.totals
    is_refunded = sale.state == "closed"
    return {
        "entity_id": order.payment_id,
        "parent_id": order.order_id,
        "method": sale.method,
        "po_number": sale.po_number,
        "last_trans_id": last_transaction if sale.is_gateway else None,
        **_columns("amount_ordered", ordered["grand_total"]),
        **_columns("amount_authorized", ordered["grand_total"] if sale.is_gateway else None),
        **_columns("amount_paid", money.paid or None),
        "base_amount_paid_online": _text(money.paid.base) if sale.is_gateway and money.paid else None,
        **_columns("amount_refunded", money.paid if is_refunded else None),
        **_columns("amount_canceled", ordered["grand_total"] if sale.state == "canceled" else None),
        **_columns("shipping_amount", ordered["shipping_amount"]),
        **_columns("shipping_captured", money.shipping_paid if money.paid else None),
        **_columns("shipping_refunded", money.shipping_paid if is_refunded else None),
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


def _fee_columns(item: _Item, qty: Decimal) -> dict[str, Any]:
    """The fixed product tax of ``qty`` units, with Magento's serialized account of it (TOT-9)."""
    applied = {
        "title": "Recycling fee",
        "base_amount": float(item.fee.base),
        "amount": float(item.fee.order),
        "row_amount": float(item.fee.order * qty),
        "base_row_amount": float(item.fee.base * qty),
        "base_amount_incl_tax": float(item.fee.base),
        "amount_incl_tax": float(item.fee.order),
        "row_amount_incl_tax": float(item.fee.order * qty),
        "base_row_amount_incl_tax": float(item.fee.base * qty),
    }
    row_fee = item.fee * qty
    return {
        "weee_tax_applied": phpserialize.dumps([applied] if item.fee else []).decode(),
        **_columns("weee_tax_applied_amount", item.fee),
        "weee_tax_applied_row_amount": _text(row_fee.order),
        "base_weee_tax_applied_row_amnt": _text(row_fee.base),
        **_columns("weee_tax_disposition", NOTHING),
        **_columns("weee_tax_row_disposition", NOTHING),
    }


def _currency_columns(sale: Sale) -> dict[str, Any]:
    return {
        "global_currency_code": BASE_CURRENCY,
        "base_currency_code": BASE_CURRENCY,
        "store_currency_code": BASE_CURRENCY,
        "order_currency_code": sale.currency,
        "store_to_base_rate": _text(Decimal(1)),
        "store_to_order_rate": _text(sale.rate),
        "base_to_global_rate": _text(Decimal(1)),
        "base_to_order_rate": _text(sale.rate),
    }


def _cost(items: Iterable[_Item]) -> Decimal:
    costs = ((item.line.product.cost or ZERO) * item.invoiced for item in items if not item.line.children)
    return sum(costs, ZERO)


def _status(state: str) -> str:
    return "pending" if state == "new" else state


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

"""Orders with everything that hangs on them (``sales_flat_order*``, ``sales_payment_transaction``)."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, literal, select
from sqlalchemy import RowMapping as Row

from magento_soap.sales.creditmemo import CreditMemo
from magento_soap.sales.invoice import Invoice
from magento_soap.sales.order import Address, Order, OrderItem
from magento_soap.sales.payment import Payment, Transaction
from magento_soap.sales.ports import Clock
from magento_soap.sales.shipment import Shipment
from magento_soap.storage.connection.waiting import waiting_for_lock
from magento_soap.storage.php import php_map
from magento_soap.storage.reading.expressions import same_text, searchable
from magento_soap.storage.schema.tables import Tables
from magento_soap.storage.schema.types import fitting, stored

from .creditmemos import CreditMemos
from .documents import D, Documents
from .grids import grid_name, replace_row
from .inserting import insert
from .invoices import Invoices
from .mapping import RowMapping, Snapshots
from .shipments import Shipments


class OrderTables:
    """The mappings of an order's tables, made once for all transactions."""

    def __init__(self, tables: Tables) -> None:
        self.order = RowMapping(Order, tables["sales_flat_order"])
        self.item = RowMapping(OrderItem, tables["sales_flat_order_item"])
        self.payment = RowMapping(Payment, tables["sales_flat_order_payment"])
        self.transaction = RowMapping(Transaction, tables["sales_payment_transaction"])
        self.address = RowMapping(Address, tables["sales_flat_order_address"])
        self.grid = tables["sales_flat_order_grid"]
        self.history = tables["sales_flat_order_status_history"]


class Orders:
    """ports.OrderRepository in one transaction."""

    def __init__(
        self,
        connection: Connection,
        tables: OrderTables,
        snapshots: Snapshots,
        clock: Clock,
        *,
        invoices: Invoices,
        shipments: Shipments,
        creditmemos: CreditMemos,
    ) -> None:
        self._connection = connection
        self._tables = tables
        self._invoices = invoices
        self._shipments = shipments
        self._creditmemos = creditmemos
        self._snapshots = snapshots
        self._clock = clock
        self._has_locked = False

    def lock(self, increment_id: str) -> Order | None:
        """Lock and load the order of that increment id (ORD-17), or None."""
        if not searchable(increment_id):
            return None
        return self._lock(same_text(self._tables.order.table.c.increment_id, increment_id), increment_id)

    def lock_by_id(self, entity_id: int) -> Order | None:
        """Lock and load the order of that entity id, or None."""
        # An id from a client may be greater than PostgreSQL's integers.
        return self._lock(self._tables.order.table.c.entity_id == literal(entity_id, BigInteger()), entity_id)

    def lock_for_invoice(self, invoice_increment_id: str) -> tuple[Order, Invoice] | None:
        """Lock the order of that invoice, then load both with the invoice's lines, or None."""
        if not searchable(invoice_increment_id):
            return None
        found = self._invoices.find(invoice_increment_id)
        return None if found is None else self._lock_with_invoice(*found)

    def lock_for_invoice_id(self, invoice_id: int) -> tuple[Order, Invoice] | None:
        """The same by the invoice's entity id."""
        order_id = self._invoices.order_id_of(invoice_id)
        return None if order_id is None else self._lock_with_invoice(invoice_id, order_id)

    def _lock_with_invoice(self, entity_id: int, order_id: int) -> tuple[Order, Invoice] | None:
        order = self.lock_by_id(order_id)
        if order is None:
            return None
        invoice = next((each for each in order.invoices if each.entity_id == entity_id), None)
        if invoice is None:
            return None
        self._invoices.load_lines(invoice)
        return order, invoice

    def lock_for_shipment(self, shipment_increment_id: str) -> tuple[Order, Shipment] | None:
        """Lock the order of that shipment, then load both, the shipment with lines and tracking numbers, or None."""
        return self._lock_for(self._shipments, shipment_increment_id)

    def lock_for_creditmemo(self, creditmemo_increment_id: str) -> tuple[Order, CreditMemo] | None:
        """Lock the order of that credit memo, then load both, or None."""
        return self._lock_for(self._creditmemos, creditmemo_increment_id)

    def _lock_for(self, documents: Documents[D], increment_id: str) -> tuple[Order, D] | None:
        found = documents.find(increment_id) if searchable(increment_id) else None
        if found is None:
            return None
        entity_id, order_id = found
        order = self.lock_by_id(order_id)
        document = documents.load_one(entity_id)  # under the lock of its order
        return None if order is None or document is None else (order, document)

    def save(self, order: Order) -> None:
        """Write what changed of the order, its items, payment and transactions, new history and the grid row (DB-6..9).

        ``updated_at`` of the order and of every item moves, changed or not (DB-7).
        """
        now = self._clock.now()
        order.updated_at = now
        self._update(self._tables.order, order, order.entity_id)
        items = self._tables.item.table
        self._connection.execute(items.update().where(items.c.order_id == order.entity_id).values(updated_at=now))
        for item in order.items:
            self._update(self._tables.item, item, item.item_id)
        if order.payment is not None:
            self._update(self._tables.payment, order.payment, order.payment.entity_id)
            self._save_transactions(order, order.payment)
        self._add_history(order)
        self._save_grid(order)

    def _lock(self, condition: ColumnElement[bool], key: str | int) -> Order | None:
        mapping = self._tables.order
        query = select(*mapping.columns).where(condition).limit(1)
        # A transaction that already holds an order's lock must not queue behind those that wait for it.
        turn = nullcontext(True) if self._has_locked else waiting_for_lock(self._connection, key)
        with turn as may_wait:
            row = self._connection.execute(query.with_for_update(nowait=not may_wait)).mappings().first()
        self._has_locked = self._has_locked or row is not None
        return None if row is None else self._load(row)

    def _load(self, row: Row) -> Order:
        order = self._snapshots.take(self._tables.order, Order(**self._tables.order.read(row)))
        order.items = self._load_items(order.entity_id)
        order.payment = self._load_payment(order.entity_id)
        order.invoices = self._invoices.load(order.entity_id)
        addresses = self._load_addresses(order.billing_address_id, order.shipping_address_id)
        order.billing_address = addresses.get(order.billing_address_id)
        order.shipping_address = addresses.get(order.shipping_address_id)
        return order

    def _load_items(self, order_id: int) -> list[OrderItem]:
        mapping = self._tables.item
        table = mapping.table
        query = select(*mapping.columns, table.c.product_options).where(table.c.order_id == order_id)
        items = []
        for row in self._connection.execute(query.order_by(table.c.item_id)).mappings():
            item = OrderItem(**mapping.read(row), product_options=php_map(row["product_options"]))
            items.append(self._snapshots.take(mapping, item))
        by_id = {item.item_id: item for item in items}
        for item in items:
            item.parent = by_id.get(item.parent_item_id) if item.parent_item_id else None
            if item.parent is not None:
                item.parent.children.append(item)
        return items

    def _load_payment(self, order_id: int) -> Payment | None:
        mapping = self._tables.payment
        table = mapping.table
        row = next(iter(self._rows(mapping, table.c.parent_id == order_id, table.c.entity_id, limit=1)), None)
        if row is None:
            return None
        payment = self._snapshots.take(mapping, Payment(**mapping.read(row)))
        transactions = self._tables.transaction
        condition = transactions.table.c.payment_id == payment.entity_id
        for each in self._rows(transactions, condition, transactions.table.c.transaction_id):
            payment.transactions.append(self._snapshots.take(transactions, Transaction(**transactions.read(each))))
        return payment

    def _load_addresses(self, *ids: int | None) -> dict[int | None, Address]:
        mapping = self._tables.address
        condition = mapping.table.c.entity_id.in_([each for each in ids if each is not None])
        return {
            row["entity_id"]: Address(**mapping.read(row))
            for row in self._rows(mapping, condition, mapping.table.c.entity_id)
        }

    def _rows(
        self, mapping: RowMapping, condition: ColumnElement[bool], key: ColumnElement[Any], limit: int | None = None
    ) -> list[Row]:
        query: Select[Any] = select(*mapping.columns).where(condition).order_by(key).limit(limit)
        return list(self._connection.execute(query).mappings())

    def _update(self, mapping: RowMapping, entity: object, key: int) -> None:
        if changes := self._snapshots.changes(mapping, entity):
            primary_key = next(iter(mapping.table.primary_key))
            self._connection.execute(mapping.table.update().where(primary_key == key).values(changes))
            self._snapshots.take(mapping, entity)

    def _save_transactions(self, order: Order, payment: Payment) -> None:
        mapping = self._tables.transaction
        for transaction in payment.transactions:
            if transaction.transaction_id is not None:
                self._update(mapping, transaction, transaction.transaction_id)
                continue
            parent = payment.transaction(transaction.parent_txn_id) if transaction.parent_txn_id else None
            transaction.parent_id = parent.transaction_id if parent else transaction.parent_id
            transaction.created_at = transaction.created_at or self._clock.now()
            values = mapping.values(transaction)
            del values["transaction_id"]
            values |= {"order_id": order.entity_id, "payment_id": payment.entity_id}
            transaction.transaction_id = insert(self._connection, mapping.table, values)
            self._snapshots.take(mapping, transaction)

    def _add_history(self, order: Order) -> None:
        """Insert the new entries, after which they are no longer new (DB-9)."""
        table = self._tables.history
        for entry in order.history:
            values = {
                "parent_id": order.entity_id,
                "is_customer_notified": entry.is_customer_notified,
                "is_visible_on_front": 0,
                "comment": entry.comment,
                "status": entry.status,
                "created_at": entry.created_at,
                "entity_name": entry.entity_name,
            }
            row = {name: stored(table.c[name], value) for name, value in values.items()}
            self._connection.execute(table.insert().values(row))
        order.history.clear()

    def _save_grid(self, order: Order) -> None:
        table = self._tables.grid
        stored_order = self._tables.order.values(order)
        row = {name: stored_order[name] for name in stored_order if name in table.c}
        row["billing_name"] = fitting(table.c.billing_name, grid_name(order.billing_address))
        row["shipping_name"] = fitting(table.c.shipping_name, grid_name(order.shipping_address))
        replace_row(self._connection, table, row)

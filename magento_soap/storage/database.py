"""``Database`` wires the parts of storage: engines, repositories, readers, our own tables and their administration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table

from magento_soap.sales.notifications import Notifications
from magento_soap.sales.ports import (
    Clock,
    Coupons,
    CreditMemoRepository,
    IdempotencyStore,
    IncrementIds,
    InvoiceRepository,
    Notifier,
    OrderRepository,
    PaymentJournal,
    ShipmentRepository,
    Stock,
)
from magento_soap.sales.queries import DocumentQueries, PagedQueries
from magento_soap.storage.connection.engine import Synchronous, create_engine
from magento_soap.storage.connection.transactions import UnitTransactions, read
from magento_soap.storage.connection.waiting import LOCK_WAIT_SECONDS, Waits, set_waits
from magento_soap.storage.reading.attributes import CUSTOMER, CUSTOMER_ADDRESS, AttributeReader
from magento_soap.storage.reading.documents import DOCUMENTS
from magento_soap.storage.reading.reader import DocumentReader
from magento_soap.storage.sales.coupons import CouponUses
from magento_soap.storage.sales.creditmemos import CreditMemos, creditmemo_tables
from magento_soap.storage.sales.invoices import Invoices, invoice_tables
from magento_soap.storage.sales.journal import Journal, payment_table
from magento_soap.storage.sales.mails import MailReader
from magento_soap.storage.sales.mapping import Snapshots
from magento_soap.storage.sales.numbering import StoreIncrementIds
from magento_soap.storage.sales.orders import Orders, OrderTables
from magento_soap.storage.sales.outbox import Outbox, outbox_table
from magento_soap.storage.sales.shipments import Shipments, ShipmentTables
from magento_soap.storage.sales.stock import StockItems
from magento_soap.storage.sales.stored_responses import StoredResponses, forget, request_table
from magento_soap.storage.schema.presence import Presence
from magento_soap.storage.schema.tables import Tables

from . import dump
from .accounts import Accounts
from .clock import SystemClock
from .forwarded_counts import ForwardedCounts, forwarded_table
from .logins import Logins, login_table
from .schema import creation as schema
from .store_config import StoreConfig
from .wsdl_copies import WsdlCopies, wsdl_table


class Unit:
    """ports.UnitOfWork: one transaction and what can be done in it."""

    def __init__(self, connection: Connection, database: Database) -> None:
        snapshots = Snapshots()
        clock = database.clock
        invoices = Invoices(connection, database.invoice_tables, snapshots, clock)
        shipments = Shipments(connection, database.shipment_tables, snapshots, clock)
        creditmemos = CreditMemos(connection, database.creditmemo_tables, snapshots, clock)
        self.orders: OrderRepository = Orders(
            connection,
            database.order_tables,
            snapshots,
            clock,
            invoices=invoices,
            shipments=shipments,
            creditmemos=creditmemos,
        )
        self.invoices: InvoiceRepository = invoices
        self.shipments: ShipmentRepository = shipments
        self.creditmemos: CreditMemoRepository = creditmemos
        self.stock: Stock = StockItems(connection, database.tables, database.shop)
        self.coupons: Coupons = CouponUses(connection, database.tables)
        self.increment_ids: IncrementIds = StoreIncrementIds(connection, database.tables)
        self.notifier: Notifier = Notifications(database.outbox.queue(connection), database.shop)
        self.payments: PaymentJournal = database.payment_journal(connection)
        self.idempotency_keys: IdempotencyStore = database.stored_responses(connection)


class Database:
    """A shop's database: what the domain and the API need of it, and its administration.

    ``url`` and ``read_url`` are SQLAlchemy URLs, the second one optionally a replica for list and info; ``prefix`` is
    the installation's table prefix. Configuration is kept for ``cache_seconds``, responses to requests with a key for
    ``request_hours``. A statement may take ``statement_timeout`` seconds, or any time if None; with
    ``sqlite_synchronous`` "full", what SQLite has committed is on disk. At most ``most_waiting`` threads (all if None)
    wait for a lock, for ``lock_wait_seconds``. Password hashes of customers can be read only with ``customer_secrets``.
    Nothing connects before it is used.
    """

    def __init__(
        self,
        url: str | URL,
        prefix: str = "",
        read_url: str | URL | None = None,
        clock: Clock | None = None,
        *,
        cache_seconds: float = 5,
        pool_size: int = 5,
        request_hours: float = 24,
        statement_timeout: float | None = None,
        sqlite_synchronous: Synchronous = "full",
        lock_wait_seconds: int = LOCK_WAIT_SECONDS,
        most_waiting: int | None = None,
        customer_secrets: bool = False,
    ) -> None:
        def engine(url: str | URL, *, writes: bool) -> Engine:
            return create_engine(
                url,
                writes=writes,
                pool_size=pool_size,
                statement_timeout=statement_timeout,
                sqlite_synchronous=sqlite_synchronous,
                lock_wait_seconds=lock_wait_seconds,
            )

        self.clock: Clock = clock or SystemClock()
        self.tables = Tables(prefix)
        self.order_tables = OrderTables(self.tables)
        self.invoice_tables = invoice_tables(self.tables)
        self.shipment_tables = ShipmentTables(self.tables)
        self.creditmemo_tables = creditmemo_tables(self.tables)
        self.engine = engine(url, writes=True)
        self.read_engine = engine(read_url or url, writes=False)
        # Accounts and configuration are read where they are written: a replica may lag behind a login.
        self._reads = self.read_engine if read_url is None else engine(url, writes=False)
        for each in {self.engine, self.read_engine, self._reads}:
            set_waits(each, Waits(lock_wait_seconds, most_waiting))
        self.shop = StoreConfig(self._reads, self.tables, cache_seconds)
        self.accounts = Accounts(self.engine, self._reads, self.tables, self.shop, self.clock)
        self.logins = Logins(self.engine, self._reads, login_table(prefix))
        self.forwarded_counts = ForwardedCounts(self.engine, self._reads, forwarded_table(prefix), self.tables)
        self.wsdl_copies = WsdlCopies(self.engine, self._reads, wsdl_table(prefix))
        self.outbox = Outbox(self.engine, self._reads, outbox_table(prefix), self.clock)
        self.mails = MailReader(self._reads, self.tables, self.outbox.table)
        self._payments, self._requests = payment_table(prefix), request_table(prefix)
        self._has_payments = Presence(self._payments, "no payment gateway is asked")
        self._has_requests = Presence(self._requests, "idempotency keys are refused")
        self._request_hours = timedelta(hours=request_hours)
        self.document_queries: dict[str, PagedQueries] = {
            entity_type: DocumentReader(self.read_engine, self.tables, document)
            for entity_type, document in DOCUMENTS.items()
        }
        customer = CUSTOMER
        if customer_secrets:
            customer = replace(customer, hidden=customer.hidden - {"password_hash"})
        self.queries: dict[str, DocumentQueries] = {
            **self.document_queries,
            **{
                entity.code: AttributeReader(self.read_engine, self.tables, entity)
                for entity in (customer, CUSTOMER_ADDRESS)
            },
        }
        self.transactions = UnitTransactions(self.engine, lambda connection: Unit(connection, self))

    def check(self) -> list[schema.Problem]:
        """The problems that keep an existing database from being served; empty when it fits. Changes nothing."""
        return schema.check(self._reads, self.tables)

    def check_own_tables(self) -> list[schema.Problem]:
        """The problems of our own tables; empty when they fit this program, or do not exist."""
        return schema.check_own_tables(self._reads, self.tables.prefix)

    def numbering_problem(self) -> str | None:
        """Why this shop's invoices cannot be numbered, or None; only ``create`` needs that."""
        return read(self._reads, lambda connection: StoreIncrementIds(connection, self.tables).problem("invoice"))

    def create(self) -> None:
        """Create all tables that do not exist, Magento's and our own."""
        schema.create_all(self.engine, self.tables)

    def create_own_tables(self) -> None:
        """Create or update our own tables only, on request, in an attached shop."""
        schema.create_own_tables(self.engine, self.tables.prefix)

    def payment_journal(self, connection: Connection) -> Journal:
        """ports.PaymentJournal for the transaction of that connection."""
        return Journal(connection, self._payments, is_kept=self._has_payments(connection))

    def stored_responses(self, connection: Connection) -> StoredResponses:
        """ports.IdempotencyStore for the transaction of that connection."""
        keep, exists = self._request_hours, self._has_requests(connection)
        return StoredResponses(connection, self._requests, self.clock, keep, exists=exists)

    def forget_stored_responses(self) -> int:
        """Delete responses to requests that are too old to be repeated; returns how many."""
        with self._reads.connect() as connection:
            if not self._has_requests(connection):
                return 0
        return forget(self.engine, self._requests, self.clock.now() - self._request_hours)

    def _own_tables(self) -> dict[str, Table]:
        named = {
            "forwarded": self.forwarded_counts.table,
            "login": self.logins.table,
            "outbox": self.outbox.table,
            "payment": self._payments,
            "request": self._requests,
            "wsdl": self.wsdl_copies.table,
        }
        return {f"magento_soap_{name}": table for name, table in named.items()}

    def load(self, content: dump.Rows) -> None:
        """Replace the content of the tables named by those rows. Raises ValueError for unknown tables or columns."""
        dump.load(self.engine, self.tables, content, self._own_tables())
        self.shop.forget()

    def dump(self, names: Iterable[str] | None = None) -> dict[str, Any]:
        """The rows of those tables, or of all that exist, as ``load`` takes them."""
        return dump.dump(self._reads, self.tables, self._own_tables(), names)

    def close(self) -> None:
        """Close all idle connections."""
        for engine in (self.engine, self.read_engine, self._reads):
            engine.dispose()

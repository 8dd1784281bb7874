"""The domain's ports, as protocols. Storage and payments implement them.

Where Magento 2 has an extension point (order repository, invoice repository ...), the port has its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Protocol, TypeVar

from .creditmemo import CreditMemo
from .invoice import Invoice
from .order import Order
from .paying.attempts import Attempt
from .payment import PaymentMethod
from .shipment import Shipment, Track
from .subject import Subject

T = TypeVar("T")


class OrderRepository(Protocol):
    """Orders, locked until the unit of work ends, with items, payment, transactions, addresses and earlier invoices.

    Earlier invoices come with their header amounts; ``lock_for_invoice`` and ``lock_for_invoice_id`` also load the
    lines of the invoice that is asked for.
    """

    def lock(self, increment_id: str) -> Order | None:
        """Lock and load the order of that increment id (ORD-17), or None."""

    def lock_by_id(self, entity_id: int) -> Order | None:
        """Lock and load the order of that entity id, or None."""

    def lock_for_invoice(self, invoice_increment_id: str) -> tuple[Order, Invoice] | None:
        """Lock the order of that invoice, then load both; the invoice is an element of ``order.invoices``."""

    def lock_for_invoice_id(self, invoice_id: int) -> tuple[Order, Invoice] | None:
        """The same by the invoice's entity id."""

    def lock_for_shipment(self, shipment_increment_id: str) -> tuple[Order, Shipment] | None:
        """Lock the order of that shipment, then load both, the shipment with lines and tracking numbers."""

    def lock_for_creditmemo(self, creditmemo_increment_id: str) -> tuple[Order, CreditMemo] | None:
        """Lock the order of that credit memo, then load both."""

    def save(self, order: Order) -> None:
        """Write what changed of the order, its items, its payment and transactions, new history and the grid row.

        ``updated_at`` of the order and of every item moves, changed or not (DB-7).
        """


class InvoiceRepository(Protocol):
    """Invoices with lines, comments and the grid row (DB-1, DB-2)."""

    def add(self, invoice: Invoice) -> None:
        """Insert the invoice with its lines and new comments; sets ``entity_id`` on all of them."""

    def save(self, invoice: Invoice) -> None:
        """Write what changed of a stored invoice, moving its ``updated_at``, and its new comments."""


class ShipmentRepository(Protocol):
    """Shipments with lines, tracking numbers, comments and the grid row (J8)."""

    def add(self, shipment: Shipment, /) -> None:
        """Insert the shipment with everything that belongs to it; sets ``entity_id`` on all of that."""

    def save(self, shipment: Shipment, /) -> None:
        """Write what changed of a stored shipment, its new comments, and new or changed tracking numbers."""

    def remove_track(self, shipment: Shipment, track: Track) -> None:
        """Delete a tracking number of the shipment."""


class CreditMemoRepository(Protocol):
    """Credit memos with lines, comments and the grid row (K16)."""

    def add(self, creditmemo: CreditMemo, /) -> None:
        """Insert the credit memo with its lines and new comments; sets ``entity_id`` on all of them."""

    def save(self, creditmemo: CreditMemo, /) -> None:
        """Write what changed of a stored credit memo, and its new comments."""

    def refunded_of_invoice(self, invoice_id: int) -> Mapping[int, Decimal]:
        """What the credit memos of that invoice, but for canceled ones, refund: quantities by order item id."""


class Stock(Protocol):
    """The stock of products."""

    def put_back(self, quantities: Mapping[int, Decimal], store_id: int | None) -> None:
        """Add quantities, by product id, to the stock of those products whose stock is managed (I4)."""


class Coupons(Protocol):
    """How often coupons were used."""

    def give_back(self, code: str, customer_id: int | None) -> None:
        """Take back one use of the coupon, of its rule, and by the customer where one is given (I5)."""


class IncrementIds(Protocol):
    """Numbers for new documents (DB-5)."""

    def ensure_available(self, entity_type: str, store_id: int) -> None:
        """Raise CannotNumber when the store's next document of that type cannot be numbered.

        Call it before money moves. ``entity_type`` is a code of ``eav_entity_type``, such as ``invoice``.
        """

    def next(self, entity_type: str, store_id: int) -> str:
        """The store's next number for a document of that type. Raises CannotNumber.

        Numbers have no gaps: a number is taken under a lock that is held until the unit of work ends.
        """


class Notifier(Protocol):
    """Mails to customers, queued in the same transaction as the rows they are about (SPEC H)."""

    def created(self, order: Order, subject: Subject, comment: str, notify_customer: bool) -> bool:
        """Queue the mails of a new document. Returns whether any was queued.

        ``comment`` is "" when it is not to be included.
        """

    def commented(self, order: Order, subject: Subject, comment: str, notify_customer: bool) -> bool:
        """Queue the mails of a comment on a document. Returns whether any was queued."""


class PaymentJournal(Protocol):
    """The journal of gateway calls: each is recorded before it is made and when it is answered (BUG-27)."""

    @property
    def is_kept(self) -> bool:
        """Whether this database has a table for it; an attached shop has one on request only."""

    def open(self, order_id: int) -> Attempt | None:
        """The oldest attempt of that order that is neither settled nor refused, or None."""

    def find(self, key: str) -> Attempt | None:
        """The attempt of that key, or None."""

    def all_open(self) -> list[Attempt]:
        """All attempts that are neither settled nor refused, oldest first."""

    def write(self, attempt: Attempt) -> None:
        """Write a new attempt, or one that has been settled; the order is locked."""

    def replace(self, attempt: Attempt, state: str, leased_until: datetime) -> bool:
        """Update an attempt if it still has that state and lease. Returns whether it had. Needs no lock."""


@dataclass(frozen=True)
class IdempotencyKey:
    """The key of a request: ``id`` names the request, ``fingerprint`` is the same for the same content.

    ``is_optional``: the client may not know that the request can be repeated, so it is served even where no keys are
    kept.
    """

    id: str
    fingerprint: str
    is_optional: bool = False


@dataclass(frozen=True)
class StoredResponse:
    """The response to a request with a key: ``result`` identifies what it made, such as an increment id, or is None."""

    result: str | None


class IdempotencyStore(Protocol):
    """Responses to requests with a key: a repeated request gets the first response, and nothing is done twice."""

    @property
    def has_claimed(self) -> bool:
        """Whether this transaction holds a claim: the same work, repeated, then finds the response if it was stored."""

    def claim(self, request: IdempotencyKey) -> StoredResponse | None:
        """The first response to the request, or None: then this transaction has claimed it.

        Waits for another transaction that has just claimed it. Raises IdempotencyKeyReused when the id belongs to
        another request, and IdempotencyKeysNotKept when this database has no table for keys.
        """

    def lock_claimed(self, request_id: str) -> None:
        """Lock a claimed request. To avoid deadlocks, its lock comes before the order's, as with a claim."""

    def answer(self, request_id: str, result: str | None) -> None:
        """Store the response to a claimed request; ``result`` has at most 255 characters."""


class UnitOfWork(Protocol):
    """The repositories and services of one transaction."""

    orders: OrderRepository
    invoices: InvoiceRepository
    shipments: ShipmentRepository
    creditmemos: CreditMemoRepository
    stock: Stock
    coupons: Coupons
    increment_ids: IncrementIds
    notifier: Notifier
    payments: PaymentJournal
    idempotency_keys: IdempotencyStore


class Transactions(Protocol):
    """Runs work in a transaction."""

    def run(self, work: Callable[[UnitOfWork], T], *, repeatable: bool = False) -> T:
        """Run ``work`` in one transaction and commit, or roll back and re-raise.

        Deadlocks, serialization failures and a lost database roll back and run ``work`` again, for some seconds. When
        the outcome of the commit is unknown, it runs again only if it is ``repeatable``, because doing it twice has no
        further effect, or has claimed a request. Raises OrderBeingChanged, DatabaseUnavailable and OutcomeUnknown.
        """


class PaymentMethods(Protocol):
    """The configured payment methods."""

    def get(self, code: str) -> PaymentMethod:
        """The method of that code; raises PaymentError ``The requested Payment Method is not available.`` (ORD-16)."""


class Clock(Protocol):
    """Time."""

    def now(self) -> datetime:
        """The present second, UTC, without time zone (DB-10)."""


class Shop(Protocol):
    """The shop's configuration as far as sales depend on it."""

    def value(self, path: str, store_id: int | None = None) -> str | None:
        """The value of that path for the store, or None."""

    def flag(self, path: str, store_id: int | None = None, default: bool = False) -> bool:
        """The value of that path as a flag."""

    def default_status(self, state: str) -> str | None:
        """The default status of an order state, or None when the state is not configured (ORD-2)."""

    def weee_in_subtotal(self, store_id: int | None) -> bool:
        """Config ``tax/weee/include_in_subtotal`` of the store (TOT-9)."""

    def money_text(self, amount: Decimal, currency_code: str | None) -> str:
        """An amount as the shop writes it, such as ``$40.67`` (INV-22)."""


# The parts that an installation may replace, under the names that Magento 2's service has for them.

CaptureCase = Literal["online", "offline", "not_capture"]


class InvoiceDocumentFactory(Protocol):
    """Makes the invoice document of an order."""

    def create(self, order: Order, quantities: Mapping[int, Decimal] | None, arguments: Mapping[str, Any]) -> Invoice:
        """An invoice with lines and totals for these quantities, everything that is left where there are none.

        ``arguments`` are the client's own, reserved for extensions. Raises InvalidQuantity (PREP-7).
        """


class OrderValidator(Protocol):
    """Decides whether an order may be invoiced."""

    def validate(self, order: Order) -> Sequence[str]:
        """The reasons why the order cannot be invoiced; empty when it can (M2-4)."""


class PaymentAdapter(Protocol):
    """Pays a registered invoice."""

    def needs_gateway(self, order: Order, invoice: Invoice, method: PaymentMethod, case: CaptureCase | None) -> bool:
        """Whether the gateway has to be asked for the invoice's money (INV-4)."""

    def pay(self, order: Order, invoice: Invoice, method: PaymentMethod, case: CaptureCase | None) -> None:
        """Mark the invoice as paid without a gateway, or leave it open (INV-4)."""


class OrderStateResolver(Protocol):
    """Moves an order into the state that an operation leaves it in."""

    def resolve(self, order: Order, shop: Shop, now: datetime) -> None:
        """Set state and status, and add to the history (INV-45)."""

"""A shop in memory: orders to build tests from, and the ports of the domain over plain lists."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar

from magento_soap.sales.creditmemo import CreditMemo
from magento_soap.sales.errors import CannotNumber, IdempotencyKeyReused, PaymentError
from magento_soap.sales.invoice import Invoice
from magento_soap.sales.money import Amount
from magento_soap.sales.order import Order, OrderItem
from magento_soap.sales.paying.attempts import ANSWERED, ASKED, Attempt
from magento_soap.sales.payment import AUTHORIZATION, GatewayRequest, GatewayResult, Payment, Transaction
from magento_soap.sales.ports import (
    Coupons,
    CreditMemoRepository,
    IdempotencyKey,
    IdempotencyStore,
    IncrementIds,
    InvoiceRepository,
    Notifier,
    OrderRepository,
    PaymentJournal,
    ShipmentRepository,
    Stock,
    StoredResponse,
    UnitOfWork,
)
from magento_soap.sales.shipment import Shipment, Track
from magento_soap.sales.subject import Subject

T = TypeVar("T")
D = TypeVar("D", Shipment, CreditMemo)

NOW = datetime(2024, 5, 6, 7, 8, 9)
CREATED = datetime(2024, 1, 1, 10, 0, 0)


def money(order: str, base: str | None = None) -> Amount:
    return Amount(Decimal(order), Decimal(base or order))


def link(order: Order) -> Order:
    """Link children to parents, as loading an order does (ORD-7)."""
    for item in order.items:
        item.parent = order.item(item.parent_item_id) if item.parent_item_id is not None else None
        if item.parent is not None:
            item.parent.children.append(item)
    return order


def three_for_a_hundred(method: str = "checkmo") -> Order:
    """One item, three for 100.00, with tax 8.00, discount 1.00 and shipping 5.00: in all 112.00 (TOT-12)."""
    return Order(
        entity_id=1,
        increment_id="100000001",
        state="new",
        status="pending",
        store_id=1,
        base_currency_code="USD",
        order_currency_code="USD",
        grand_total=money("112"),
        subtotal=money("100"),
        discount_amount=money("-1.4"),
        shipping_amount=money("5"),
        shipping_incl_tax=money("5.4"),
        shipping_tax_amount=money("0.4"),
        shipping_discount_amount=money("0.4"),
        tax_amount=money("8.4"),
        payment=Payment(entity_id=1, method=method),
        items=[
            OrderItem(
                item_id=11,
                name="A",
                qty_ordered=Decimal(3),
                base_cost=Decimal(10),
                row_total=money("100"),
                row_total_incl_tax=money("108"),
                tax_amount=money("8"),
                discount_amount=money("1"),
            )
        ],
    )


def authorized(order: Order, method: str = "labpay") -> Order:
    """The order with a payment that was authorized in full and not captured yet."""
    order.payment = Payment(
        entity_id=1,
        method=method,
        amount_authorized=order.grand_total,
        last_trans_id="auth",
        transactions=[Transaction("auth", AUTHORIZATION, is_closed=False, transaction_id=7, created_at=CREATED)],
    )
    order.state = order.status = "processing"
    return order


@dataclass
class Method:
    """A payment method that gives the answer of the test."""

    code: str = "checkmo"
    is_gateway: bool = False
    can_capture: bool = False
    can_capture_partial: bool = False
    can_void: bool = False
    is_idempotent: bool = True
    answer: GatewayResult | Exception = field(default_factory=GatewayResult)
    requests: list[GatewayRequest] = field(default_factory=list)

    def capture(self, request: GatewayRequest) -> GatewayResult:
        return self._answered(request)

    def void(self, request: GatewayRequest) -> GatewayResult:
        return self._answered(request)

    def cancel(self, request: GatewayRequest) -> GatewayResult:
        return self._answered(request)

    def _answered(self, request: GatewayRequest) -> GatewayResult:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def gateway_method(answer: GatewayResult | Exception | None = None) -> Method:
    return Method("labpay", True, True, True, True, answer=answer or GatewayResult())


class MemoryShop:
    """All ports at once. Work sees copies, and what it saves shows only when it ends well."""

    def __init__(self, *orders: Order, methods: tuple[Method, ...] = ()) -> None:
        self.stored = {order.increment_id: order for order in orders}
        self.methods = {method.code: method for method in (Method(), Method("free"), *methods)}
        self.statuses: dict[str, str | None] = {"processing": "processing", "complete": "complete", "closed": "closed"}
        self.statuses["payment_review"] = "payment_review"
        self.settings: dict[str, str] = {}
        self.weee_stores: set[int | None] = set()
        self.mailing = True
        self.unnumbered_stores: set[int] = set()
        self.mails: list[tuple[str, str, bool]] = []
        self.shipments: dict[str, Shipment] = {}
        self.creditmemos: dict[str, CreditMemo] = {}
        self.returned: dict[int, Decimal] = {}
        self.given_back: list[tuple[str, int | None]] = []
        self.attempts: dict[str, Attempt] = {}
        self.answers: dict[str, tuple[str, StoredResponse | None]] = {}
        self.deadlocks = 0
        self.runs = 0
        self.time = NOW
        self.seconds = 0.0  # of a clock that only goes forward
        self.pauses: list[float] = []

    def change_attempt(self, **changes: Any) -> None:
        """Change the only attempt, as another process would."""
        (attempt,) = self.attempts.values()
        self.attempts[attempt.key] = replace(attempt, **changes)

    # Transactions
    def run(self, work: Callable[[UnitOfWork], T], *, repeatable: bool = False) -> T:
        while True:
            self.runs += 1
            unit = MemoryUnit(self)
            result = work(unit)
            if self.deadlocks:
                self.deadlocks -= 1
                continue
            self.stored.update(unit.saved)
            self.attempts, self.answers = unit.attempts, unit.answers
            self.mails += unit.mails
            self.shipments |= unit.new_shipments.added
            self.creditmemos |= unit.new_creditmemos.added
            for product_id, qty in unit.returned.items():
                self.returned[product_id] = self.returned.get(product_id, Decimal(0)) + qty
            self.given_back += unit.given_back
            return result

    # PaymentMethods
    def get(self, code: str) -> Method:
        try:
            return self.methods[code]
        except KeyError:
            raise PaymentError("The requested Payment Method is not available.") from None

    # Clock
    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.seconds

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds += seconds
        self.time += timedelta(seconds=seconds)

    # Shop
    def value(self, path: str, store_id: int | None = None) -> str | None:
        return self.settings.get(path)

    def flag(self, path: str, store_id: int | None = None, default: bool = False) -> bool:
        return self.settings.get(path, str(int(default))) == "1"

    def default_status(self, state: str) -> str | None:
        return self.statuses.get(state)

    def weee_in_subtotal(self, store_id: int | None) -> bool:
        return store_id in self.weee_stores

    def money_text(self, amount: Decimal, currency_code: str | None) -> str:
        return f"{currency_code} {amount:.2f}"


class MemoryUnit:
    """One unit of work, and every repository in it."""

    def __init__(self, shop: MemoryShop) -> None:
        self.shop = shop
        self.saved: dict[str, Order] = {}
        self.mails: list[tuple[str, str, bool]] = []
        self.orders: OrderRepository = self
        self.of_invoice: Order | None = None
        self.invoices: InvoiceRepository = MemoryInvoices(self)
        self.new_shipments, self.new_creditmemos = MemoryShipments(), MemoryCreditMemos(shop)
        self.shipments: ShipmentRepository = self.new_shipments
        self.creditmemos: CreditMemoRepository = self.new_creditmemos
        self.stock: Stock = self
        self.coupons: Coupons = self
        self.returned: dict[int, Decimal] = {}
        self.given_back: list[tuple[str, int | None]] = []
        self.increment_ids: IncrementIds = self
        self.notifier: Notifier = self
        self.payments: PaymentJournal = self
        self.idempotency_keys: IdempotencyStore = self
        self.attempts = copy.deepcopy(shop.attempts)
        self.answers = dict(shop.answers)
        self.has_claimed = False

    # OrderRepository
    def lock(self, increment_id: str) -> Order | None:
        return copy.deepcopy(self.shop.stored.get(increment_id))

    def lock_by_id(self, entity_id: int) -> Order | None:
        found = next((order for order in self.shop.stored.values() if order.entity_id == entity_id), None)
        return copy.deepcopy(found)

    def lock_for_invoice(self, invoice_increment_id: str) -> tuple[Order, Invoice] | None:
        for stored in self.shop.stored.values():
            order = copy.deepcopy(stored)
            for invoice in order.invoices:
                if invoice.increment_id == invoice_increment_id:
                    invoice.base_cost = Decimal(0)  # not stored
                    self.of_invoice = order
                    return order, invoice
        return None

    def lock_for_invoice_id(self, invoice_id: int) -> tuple[Order, Invoice] | None:
        invoices = (invoice for order in self.shop.stored.values() for invoice in order.invoices)
        found = next((invoice for invoice in invoices if invoice.entity_id == invoice_id), None)
        return None if found is None else self.lock_for_invoice(found.increment_id or "")

    def lock_for_shipment(self, shipment_increment_id: str) -> tuple[Order, Shipment] | None:
        return self._locked(shipment_increment_id, self.shop.shipments)

    def lock_for_creditmemo(self, creditmemo_increment_id: str) -> tuple[Order, CreditMemo] | None:
        return self._locked(creditmemo_increment_id, self.shop.creditmemos)

    def _locked(self, increment_id: str, stored: dict[str, D]) -> tuple[Order, D] | None:
        document = copy.deepcopy(stored.get(increment_id))
        order = None if document is None else self.lock_by_id(document.order_id)
        return None if document is None or order is None else (order, document)

    def save(self, order: Order) -> None:
        self.saved[order.increment_id] = order

    # Stock and Coupons
    def put_back(self, quantities: Mapping[int, Decimal], store_id: int | None) -> None:
        for product_id, qty in quantities.items():
            self.returned[product_id] = self.returned.get(product_id, Decimal(0)) + qty

    def give_back(self, code: str, customer_id: int | None) -> None:
        self.given_back.append((code, customer_id))

    # PaymentJournal
    is_kept = True

    def open(self, order_id: int) -> Attempt | None:
        return next((each for each in self.all_open() if each.order_id == order_id), None)

    def find(self, key: str) -> Attempt | None:
        return copy.deepcopy(self.attempts.get(key))

    def all_open(self) -> list[Attempt]:
        return [copy.deepcopy(each) for each in self.attempts.values() if each.state in (ASKED, ANSWERED)]

    def write(self, attempt: Attempt) -> None:
        self.attempts[attempt.key] = copy.deepcopy(attempt)

    def replace(self, attempt: Attempt, state: str, leased_until: datetime) -> bool:
        stored = self.attempts[attempt.key]
        is_unchanged = (stored.state, stored.leased_until) == (state, leased_until)
        if is_unchanged:
            self.write(attempt)
        return is_unchanged

    # IdempotencyStore
    def claim(self, request: IdempotencyKey) -> StoredResponse | None:
        fingerprint, answered = self.answers.setdefault(request.id, (request.fingerprint, None))
        if fingerprint != request.fingerprint:
            raise IdempotencyKeyReused("This idempotency key was used for another request.")
        self.has_claimed = True
        return answered

    def lock_claimed(self, request_id: str) -> None:
        """Nobody else is in this shop."""

    def answer(self, request_id: str, result: str | None) -> None:
        if request_id in self.answers:
            self.answers[request_id] = (self.answers[request_id][0], StoredResponse(result))

    # IncrementIds
    def ensure_available(self, entity_type: str, store_id: int) -> None:
        if store_id in self.shop.unnumbered_stores:
            raise CannotNumber("Invoices cannot be numbered.")

    def next(self, entity_type: str, store_id: int) -> str:
        if entity_type != "invoice":
            documents = self.shop.shipments if entity_type == "shipment" else self.shop.creditmemos
            return f"{store_id}{len(documents) + 1:08}"
        invoices = sum(len(order.invoices) for order in self.shop.stored.values())
        return f"{store_id}{invoices + 1:08}"

    # Notifier
    def created(self, order: Order, subject: Subject, comment: str, notify_customer: bool) -> bool:
        return self._mail("created", order, subject, comment, notify_customer)

    def commented(self, order: Order, subject: Subject, comment: str, notify_customer: bool) -> bool:
        return self._mail("comment on", order, subject, comment, notify_customer)

    def _mail(self, what: str, order: Order, about: Subject, comment: str, notify_customer: bool) -> bool:
        number: str | None = order.increment_id
        if about.entity_type == "invoice":
            (number,) = (each.increment_id for each in order.invoices if each.entity_id == about.entity_id)
        subject = f"{what} {number}"
        queued = self.shop.mailing and notify_customer
        if queued:
            self.mails.append((subject, comment, notify_customer))
        return queued


class MemoryDocuments(Generic[D]):
    """Shipments or credit memos of one unit of work."""

    def __init__(self) -> None:
        self.added: dict[str, D] = {}

    def add(self, document: D, /) -> None:
        document.entity_id = int(document.increment_id or 0)
        for number, line in enumerate(document.lines, start=1):
            line.entity_id = number
        self.save(document)

    def save(self, document: D, /) -> None:
        assert document.entity_id is not None  # only what is stored already
        document.comments.clear()
        self.added[document.increment_id or ""] = document


class MemoryCreditMemos(MemoryDocuments[CreditMemo]):
    def __init__(self, shop: MemoryShop) -> None:
        super().__init__()
        self._shop = shop

    def refunded_of_invoice(self, invoice_id: int) -> dict[int, Decimal]:
        lines = [
            line for memo in self._shop.creditmemos.values() if memo.invoice_id == invoice_id for line in memo.lines
        ]
        refunded = dict.fromkeys((line.order_item_id for line in lines), Decimal(0))
        for line in lines:
            refunded[line.order_item_id] += line.qty
        return refunded


class MemoryShipments(MemoryDocuments[Shipment]):
    def save(self, document: Shipment, /) -> None:
        for number, track in enumerate(document.tracks, start=1):
            track.entity_id = number
        super().save(document)

    def remove_track(self, shipment: Shipment, track: Track) -> None:
        shipment.tracks.remove(track)
        self.save(shipment)


class MemoryInvoices:
    def __init__(self, unit: MemoryUnit) -> None:
        self._unit = unit

    def add(self, invoice: Invoice) -> None:
        invoice.entity_id = int(invoice.increment_id or 0)
        for number, line in enumerate(invoice.lines, start=1):
            line.entity_id = number
        for number, comment in enumerate(invoice.comments, start=1):
            comment.entity_id = number

    def save(self, invoice: Invoice) -> None:
        assert invoice.entity_id is not None  # only what is stored already
        if self._unit.of_invoice is not None:
            self._unit.save(self._unit.of_invoice)

"""An order's payment, its transactions, and what a payment method can do (``sales_flat_order_payment``, INV-20..32)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from .money import Amount
from .structured import StructuredValue

AUTHORIZATION, CAPTURE, VOID, ORDER = "authorization", "capture", "void", "order"


@dataclass
class Transaction:
    """One row of ``sales_payment_transaction``; ``transaction_id`` is None until it is stored."""

    txn_id: str
    txn_type: str
    is_closed: bool
    transaction_id: int | None = None
    parent_id: int | None = None
    parent_txn_id: str | None = None
    additional_information: StructuredValue | None = None
    created_at: datetime | None = None


@dataclass
class Payment:
    """The order's payment row. Amounts are in the order's and the base currency."""

    entity_id: int
    method: str
    amount_paid: Amount | None = None
    amount_authorized: Amount | None = None
    amount_ordered: Amount | None = None
    shipping_captured: Amount | None = None
    base_amount_paid_online: Decimal | None = None
    last_trans_id: str | None = None
    additional_information: str | None = None
    po_number: str | None = None
    cc_type: str | None = None
    cc_last4: str | None = None
    transactions: list[Transaction] = field(default_factory=list)  # oldest first

    def transaction(self, txn_id: str | None) -> Transaction | None:
        """The transaction of that gateway id, or None."""
        return next((t for t in self.transactions if t.txn_id == txn_id), None)


@dataclass(frozen=True)
class GatewayRequest:
    """What a payment method is asked to do: money is in the order's base currency, as Magento's gateways take it."""

    order_increment_id: str
    invoice_increment_id: str | None
    payment: Payment
    base_amount: Decimal | None
    base_currency_code: str | None
    parent_txn_id: str | None
    idempotency_key: str = ""
    """Names the attempt: asked again with the same key, a gateway answers the same and moves no money twice."""


@dataclass(frozen=True)
class GatewayResult:
    """What the gateway answered. ``txn_id`` None lets Magento's naming apply (INV-21, INV-32)."""

    txn_id: str | None = None
    is_closed: bool | None = None  # None: the column's default, closed (INV-30)
    close_parent: bool | None = None  # None: as Magento decides (INV-20)
    is_pending: bool = False  # approval pending (INV-22)
    is_fraud: bool = False
    message: str | None = None
    additional_information: dict[str, Any] | None = None


ASKED, ANSWERED, REFUSED, SETTLED = "asked", "answered", "refused", "settled"


@dataclass
class Attempt:
    """One call of a gateway, written down before it is made and when it is answered (BUG-2, BUG-27).

    ``asked`` until an answer is known, ``answered`` until the order shows it, then ``settled``; ``refused`` when no
    money moved. ``command`` is there when the invoice is to be made together with the capture. ``request_id`` is the
    client's request that is answered when it is settled. Nobody else takes it up until ``leased_until`` (UTC).
    """

    key: str
    action: str
    order_id: int
    order_increment_id: str
    invoice_increment_id: str | None
    method: str
    base_amount: Decimal | None
    base_currency_code: str | None
    parent_txn_id: str | None
    asked_at: datetime
    leased_until: datetime
    state: str = ASKED
    result: GatewayResult | None = None
    error: str | None = None
    command: Mapping[str, Any] | None = None
    request_id: str | None = None


class PaymentMethod(Protocol):
    """A payment method's abilities (SPEC D, table) and actions.

    ``capture`` and ``void`` raise errors.PaymentError for a business refusal whose text the client may read: no money
    moved then. Any other exception is a failure of the gateway whose outcome is unknown, reported without its text
    (API-23, API-24).
    """

    @property
    def code(self) -> str:
        """The method's code, as ``sales_flat_order_payment.method`` has it."""

    @property
    def is_gateway(self) -> bool:
        """Whether it talks to a payment provider."""

    @property
    def can_capture(self) -> bool:
        """Whether money can be captured after the order was placed."""

    @property
    def can_capture_partial(self) -> bool:
        """Whether less than the authorized amount can be captured."""

    @property
    def can_void(self) -> bool:
        """Whether an authorization can be voided."""

    @property
    def is_idempotent(self) -> bool:
        """Whether it may be asked again with the same idempotency key when its answer got lost."""

    def capture(self, request: GatewayRequest) -> GatewayResult:
        """Take the money."""

    def void(self, request: GatewayRequest) -> GatewayResult:
        """Give up the authorization."""

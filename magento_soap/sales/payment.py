"""An order's payment and its transactions, and the interface of payment methods (INV-20..32).

``Payment`` is a row of ``sales_flat_order_payment``. A ``PaymentMethod`` gets a ``GatewayRequest`` and returns a
``GatewayResult``; ``sales.paying`` decides when it is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from .money import Amount

AUTHORIZATION, CAPTURE, VOID, ORDER = "authorization", "capture", "void", "order"
CANCEL = "cancel"  # asked of gateways; the transaction that it makes is a void (I6)


@dataclass
class Transaction:
    """One row of ``sales_payment_transaction``; ``transaction_id`` is None until it is stored."""

    txn_id: str
    txn_type: str
    is_closed: bool
    transaction_id: int | None = None
    parent_id: int | None = None
    parent_txn_id: str | None = None
    additional_information: dict[str, Any] | None = None  # what the gateway reported
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
        """The transaction with that gateway id, or None."""
        return next((t for t in self.transactions if t.txn_id == txn_id), None)

    @property
    def authorization(self) -> Transaction | None:
        """The newest authorization, or None (INV-10)."""
        authorizations = [t for t in self.transactions if t.txn_type == AUTHORIZATION]
        return max(authorizations, key=_age, default=None)

    @property
    def open_authorization(self) -> Transaction | None:
        """The newest authorization if it is open, or None."""
        authorization = self.authorization
        return None if authorization is None or authorization.is_closed else authorization


@dataclass(frozen=True)
class GatewayRequest:
    """What a payment method is asked to do. Money is in the base currency, as in Magento's gateways."""

    order_increment_id: str
    invoice_increment_id: str | None
    payment: Payment
    base_amount: Decimal | None
    base_currency_code: str | None
    parent_txn_id: str | None
    idempotency_key: str = ""
    """Names the attempt. Asked again with the same key, a gateway gives the same answer and moves no money again."""


@dataclass(frozen=True)
class GatewayResult:
    """What the gateway answered. If ``txn_id`` is None, the transaction is named as in Magento (INV-21, INV-32)."""

    txn_id: str | None = None
    is_closed: bool | None = None  # None: the column's default, closed (INV-30)
    close_parent: bool | None = None  # None: as Magento decides (INV-20)
    is_pending: bool = False  # approval pending (INV-22)
    is_fraud: bool = False
    message: str | None = None
    additional_information: dict[str, Any] | None = None


class PaymentMethod(Protocol):
    """A payment method's abilities (SPEC D, table) and actions.

    ``capture``, ``void`` and ``cancel`` raise errors.PaymentError for a refusal: no money moved, and clients see the
    text. Any other exception means that the outcome is unknown; clients do not see its text (API-23, API-24).
    """

    @property
    def code(self) -> str:
        """The method's code, as in ``sales_flat_order_payment.method``."""

    @property
    def is_gateway(self) -> bool:
        """Whether the method talks to a payment provider."""

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
        """Whether the method honours idempotency keys, so that it can be asked again if its answer was lost."""

    def capture(self, request: GatewayRequest) -> GatewayResult:
        """Capture the money."""

    def void(self, request: GatewayRequest) -> GatewayResult:
        """Void the authorization, as ``sales_order_invoice.void`` asks."""

    def cancel(self, request: GatewayRequest) -> GatewayResult:
        """Give up the authorization of an order that is being canceled (I6).

        Most gateways void it. One that has nothing to do returns an empty result.
        """


def _age(transaction: Transaction) -> tuple[datetime, float]:
    """Sorts transactions by time, then by row; one that is not stored yet is the newest."""
    row = transaction.transaction_id
    return transaction.created_at or datetime.min, float("inf") if row is None else row

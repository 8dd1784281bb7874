"""The use cases of credit memos: create, comment, cancel (K).

Each is one operation on a locked order (``sales.operations``). With an idempotency key it can be repeated safely. No
gateway is asked: the API of Magento 1 only writes down that money was refunded (K4).
"""

from __future__ import annotations

from magento_soap.sales.comment import Comment, mailed_comment
from magento_soap.sales.creditmemo import CANCELED, OPEN, CreditMemo
from magento_soap.sales.errors import (
    CannotRefund,
    CreditMemoNotFound,
    DocumentRejected,
    InvalidAmount,
    InvoiceNotFound,
    NoStoreCredit,
    StatusNotChanged,
)
from magento_soap.sales.invoice import Invoice
from magento_soap.sales.money import NOTHING, round_price
from magento_soap.sales.operations import OrderOperations, answer, claim, lock_order
from magento_soap.sales.order import Order
from magento_soap.sales.ports import Clock, IdempotencyKey, OrderStateResolver, Shop, UnitOfWork
from magento_soap.sales.states import can_creditmemo, mark_in_process
from magento_soap.sales.subject import subject_of

from .commands import AddCreditMemoComment, CreateCreditMemo
from .invoices import base_shipping_of, can_refund, count_refunded, left_to_refund
from .preparation import items_by_id, prepare_creditmemo
from .registration import register, returned_goods
from .totals import Adjustments, collect_totals
from .validation import NOT_POSITIVE, TOO_MUCH, refund_problems

AUTO_RETURN = "cataloginventory/item_options/auto_return"
MAXIMUM = "Maximum amount available to refund is {}"


class RefundService:
    """Refunds orders by credit memos."""

    def __init__(self, operations: OrderOperations, shop: Shop, clock: Clock, states: OrderStateResolver) -> None:
        self._operations = operations
        self._shop = shop
        self._clock = clock
        self._states = states

    def create(self, command: CreateCreditMemo, key: IdempotencyKey | None = None) -> CreditMemo:
        """Create and store a credit memo, and return it with its ids (K4..K18).

        Raises, in this order (D9), OrderNotFound or InvoiceNotFound, CannotRefund (D8), InvalidQuantity (K5),
        InvalidAmount for the shipping (K7), NoStoreCredit (K20), and InvalidAmount for more than was paid (K12). If the
        command asks for all problems, DocumentRejected takes the place of CannotRefund and most of InvalidQuantity.
        """

        def work(unit: UnitOfWork) -> CreditMemo:
            if stored := claim(unit, key):
                return _lock_creditmemo(unit, stored.result or "")[1]
            order, invoice = _lock_refunded(unit, command)
            self._operations.ensure_nothing_pending(unit, order)
            creditmemo = self._prepared(unit, order, invoice, command)
            mark_in_process(order, "creditmemo")
            register(order, creditmemo, is_offline=command.is_offline)
            if invoice is not None:
                count_refunded(invoice, creditmemo)
                unit.invoices.save(invoice)
            self._add(unit, order, creditmemo, command)
            answer(unit, key, creditmemo.increment_id)
            return creditmemo

        return self._operations.change(work, key)

    def add_comment(self, command: AddCreditMemoComment, key: IdempotencyKey | None = None) -> None:
        """Store a comment and queue the mail about it (K19). Raises CreditMemoNotFound."""

        def work(unit: UnitOfWork) -> None:
            if claim(unit, key):
                return
            order, creditmemo = _lock_creditmemo(unit, command.creditmemo_increment_id)
            comment = Comment(command.comment or None, command.is_customer_notified, created_at=self._clock.now())
            creditmemo.comments.append(comment)
            unit.creditmemos.save(creditmemo)
            unit.notifier.commented(
                order, subject_of("creditmemo", creditmemo.entity_id), mailed_comment(command), command.notify
            )
            answer(unit, key)

        self._operations.change(work, key)

    def cancel(self, increment_id: str, key: IdempotencyKey | None = None) -> None:
        """Cancel an open credit memo, which no credit memo of this API is (D14).

        Raises CreditMemoNotFound, and StatusNotChanged if it is not open.
        """

        def work(unit: UnitOfWork) -> None:
            if claim(unit, key):
                return
            _, creditmemo = _lock_creditmemo(unit, increment_id)
            if creditmemo.state != OPEN:
                raise StatusNotChanged("Credit memo cannot be canceled.")
            creditmemo.state = CANCELED
            unit.creditmemos.save(creditmemo)
            answer(unit, key)

        self._operations.change(work, key)

    def _prepared(
        self, unit: UnitOfWork, order: Order, invoice: Invoice | None, command: CreateCreditMemo
    ) -> CreditMemo:
        """A computed credit memo within the limits of the order and the invoice, not registered yet."""
        invoiced, base_shipping = None, command.base_shipping
        if invoice is not None and invoice.entity_id is not None:
            invoiced = left_to_refund(invoice, unit.creditmemos.refunded_of_invoice(invoice.entity_id))
        if command.collect_all_problems:
            named = {int(name): qty for name, qty in (command.quantities or {}).items()}
            if problems := refund_problems(order, named, invoice, invoiced):
                raise DocumentRejected(problems)
        elif not can_creditmemo(order) or (invoice is not None and not can_refund(invoice)):
            raise CannotRefund
        quantities = items_by_id(order, command.quantities) if command.quantities else None
        creditmemo = prepare_creditmemo(order, quantities, invoiced)
        if invoice is not None:
            base_shipping = base_shipping_of(order, invoice, base_shipping, self._shop)
        adjustments = Adjustments(base_shipping, command.base_adjustment_positive, command.base_adjustment_negative)
        collect_totals(order, creditmemo, adjustments, self._shop)
        if command.to_store_credit and order.customer_is_guest:
            raise NoStoreCredit
        if command.collect_all_problems and (creditmemo.grand_total or NOTHING).base <= 0:
            raise DocumentRejected([NOT_POSITIVE])
        self._ensure_paid(order, creditmemo, TOO_MUCH if command.collect_all_problems else MAXIMUM)
        return creditmemo

    def _ensure_paid(self, order: Order, creditmemo: CreditMemo, text: str) -> None:
        """Raise InvalidAmount if more would be refunded than was paid (K12)."""
        paid, refunded = (order.total_paid or NOTHING).base, (order.total_refunded or NOTHING).base
        total = (creditmemo.grand_total or NOTHING).base
        if round_price(refunded + total) > round_price(paid):
            raise InvalidAmount(text.format(self._shop.money_text(paid - refunded, order.base_currency_code)))

    def _add(self, unit: UnitOfWork, order: Order, creditmemo: CreditMemo, command: CreateCreditMemo) -> None:
        """Number and store a registered credit memo, save its order, return its goods, and queue the mail."""
        now = self._clock.now()
        self._states.resolve(order, self._shop, now)
        creditmemo.created_at = creditmemo.updated_at = now
        if command.comment:
            notified, visible = command.is_customer_notified, int(command.is_visible_on_front)
            creditmemo.comments.append(Comment(command.comment, notified, visible, now))
        creditmemo.increment_id = unit.increment_ids.next("creditmemo", order.store_id or 0)
        unit.creditmemos.add(creditmemo)
        unit.orders.save(order)
        returns_all = self._shop.flag(AUTO_RETURN, order.store_id)
        if returns_all or command.return_to_stock:
            returned = returned_goods(order, creditmemo, None if returns_all else command.return_to_stock)
            unit.stock.put_back(returned, order.store_id)
        subject = subject_of("creditmemo", creditmemo.entity_id)
        if unit.notifier.created(order, subject, mailed_comment(command), command.notify) and command.notify:
            creditmemo.email_sent = 1
            unit.creditmemos.save(creditmemo)


def _lock_refunded(unit: UnitOfWork, command: CreateCreditMemo) -> tuple[Order, Invoice | None]:
    """Lock and load the order to refund, and its invoice if the command names one.

    Raises OrderNotFound and InvoiceNotFound.
    """
    if command.invoice_id is None:
        return lock_order(unit, command.order_increment_id, order_id=command.order_id), None
    found = unit.orders.lock_for_invoice_id(command.invoice_id)
    if found is None:
        raise InvoiceNotFound
    return found


def _lock_creditmemo(unit: UnitOfWork, increment_id: str) -> tuple[Order, CreditMemo]:
    """Lock and load the order of that credit memo, and the credit memo. Raises CreditMemoNotFound."""
    found = unit.orders.lock_for_creditmemo(increment_id)
    if found is None:
        raise CreditMemoNotFound
    return found

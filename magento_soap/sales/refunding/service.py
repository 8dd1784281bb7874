"""The use cases of credit memos: create, comment, cancel (K).

Each is one operation on a locked order (``sales.operations``). With an idempotency key it can be repeated safely. No
gateway is asked: the API of Magento 1 only writes down that money was refunded (K4).
"""

from __future__ import annotations

from magento_soap.sales.comment import Comment
from magento_soap.sales.creditmemo import CANCELED, OPEN, CreditMemo
from magento_soap.sales.errors import (
    CannotRefund,
    CreditMemoNotFound,
    InvalidAmount,
    NoStoreCredit,
    StatusNotChanged,
)
from magento_soap.sales.money import NOTHING, round_price
from magento_soap.sales.operations import OrderOperations, answer, claim, lock_order
from magento_soap.sales.order import Order
from magento_soap.sales.ports import Clock, IdempotencyKey, OrderStateResolver, Shop, UnitOfWork
from magento_soap.sales.states import can_creditmemo, mark_in_process
from magento_soap.sales.subject import subject_of

from .commands import AddCreditMemoComment, CreateCreditMemo
from .preparation import items_by_id, prepare_creditmemo
from .registration import register, returned_goods
from .totals import Adjustments, collect_totals

AUTO_RETURN = "cataloginventory/item_options/auto_return"


class RefundService:
    """Refunds orders by credit memos."""

    def __init__(self, operations: OrderOperations, shop: Shop, clock: Clock, states: OrderStateResolver) -> None:
        self._operations = operations
        self._shop = shop
        self._clock = clock
        self._states = states

    def create(self, command: CreateCreditMemo, key: IdempotencyKey | None = None) -> CreditMemo:
        """Create and store a credit memo, and return it with its ids (K4..K18).

        Raises, in this order (D9), OrderNotFound, CannotRefund (D8), InvalidQuantity (K5), InvalidAmount for the
        shipping (K7), NoStoreCredit (K20), and InvalidAmount for more than was paid (K12).
        """

        def work(unit: UnitOfWork) -> CreditMemo:
            if stored := claim(unit, key):
                return _lock_creditmemo(unit, stored.result or "")[1]
            order = lock_order(unit, command.order_increment_id, order_id=command.order_id)
            self._operations.ensure_nothing_pending(unit, order)
            creditmemo = self._prepared(order, command)
            mark_in_process(order, "creditmemo")
            register(order, creditmemo, is_offline=command.is_offline)
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
            mailed = (command.comment or "") if command.include_comment else ""
            unit.notifier.commented(order, subject_of("creditmemo", creditmemo.entity_id), mailed, command.notify)
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

    def _prepared(self, order: Order, command: CreateCreditMemo) -> CreditMemo:
        """A computed credit memo within the limits of the order, not registered yet."""
        if not can_creditmemo(order):
            raise CannotRefund
        quantities = items_by_id(order, command.quantities) if command.quantities else None
        creditmemo = prepare_creditmemo(order, quantities)
        adjustments = Adjustments(
            command.base_shipping, command.base_adjustment_positive, command.base_adjustment_negative
        )
        collect_totals(order, creditmemo, adjustments, self._shop)
        if command.to_store_credit and order.customer_is_guest:
            raise NoStoreCredit
        self._ensure_paid(order, creditmemo)
        return creditmemo

    def _ensure_paid(self, order: Order, creditmemo: CreditMemo) -> None:
        """Raise InvalidAmount if more would be refunded than was paid (K12)."""
        paid, refunded = (order.total_paid or NOTHING).base, (order.total_refunded or NOTHING).base
        total = (creditmemo.grand_total or NOTHING).base
        if round_price(refunded + total) > round_price(paid):
            left = self._shop.money_text(paid - refunded, order.base_currency_code)
            raise InvalidAmount(f"Maximum amount available to refund is {left}")

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
        if self._shop.flag(AUTO_RETURN, order.store_id):
            unit.stock.put_back(returned_goods(order, creditmemo), order.store_id)
        elif command.return_to_stock:
            unit.stock.put_back(returned_goods(order, creditmemo, command.return_to_stock), order.store_id)
        mailed = (command.comment or "") if command.include_comment else ""
        subject = subject_of("creditmemo", creditmemo.entity_id)
        if unit.notifier.created(order, subject, mailed, command.notify) and command.notify:
            creditmemo.email_sent = 1
            unit.creditmemos.save(creditmemo)


def _lock_creditmemo(unit: UnitOfWork, increment_id: str) -> tuple[Order, CreditMemo]:
    """Lock and load the order of that credit memo, and the credit memo. Raises CreditMemoNotFound."""
    found = unit.orders.lock_for_creditmemo(increment_id)
    if found is None:
        raise CreditMemoNotFound
    return found

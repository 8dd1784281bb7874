"""How often coupons were used (``salesrule*``)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Table, select

from magento_soap.storage.connection.waiting import waiting_for_lock
from magento_soap.storage.reading.expressions import same_text, searchable
from magento_soap.storage.schema.tables import Tables


class CouponUses:
    """ports.Coupons in one transaction."""

    def __init__(self, connection: Connection, tables: Tables) -> None:
        self._connection = connection
        self._coupons = tables["salesrule_coupon"]
        self._rules = tables["salesrule"]
        self._customer_coupons = tables["salesrule_coupon_usage"]
        self._customer_rules = tables["salesrule_customer"]

    def give_back(self, code: str, customer_id: int | None) -> None:
        """Take back one use of the coupon, of its rule, and by the customer where one is given (I5).

        Nothing happens to a coupon that has been deleted, and no count goes below zero.
        """
        if not searchable(code):
            return
        coupons = self._coupons
        query = select(coupons.c.coupon_id, coupons.c.rule_id).where(same_text(coupons.c.code, code)).limit(1)
        with waiting_for_lock(self._connection, "coupon", "coupon", share=2) as may_wait:
            coupon = self._connection.execute(query.with_for_update(nowait=not may_wait)).first()
        if coupon is None:
            return
        self._decrease(coupons, coupons.c.coupon_id == coupon.coupon_id)
        self._decrease(self._rules, self._rules.c.rule_id == coupon.rule_id)
        if customer_id is not None:
            used, ruled = self._customer_coupons, self._customer_rules
            self._decrease(used, (used.c.coupon_id == coupon.coupon_id) & (used.c.customer_id == customer_id))
            self._decrease(ruled, (ruled.c.rule_id == coupon.rule_id) & (ruled.c.customer_id == customer_id))

    def _decrease(self, table: Table, condition: ColumnElement[bool]) -> None:
        used = table.c.times_used
        self._connection.execute(table.update().where(condition, used > 0).values(times_used=used - 1))

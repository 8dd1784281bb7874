"""The rows of the demo shop's coupons, and of how often they were used (``salesrule*``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from magento_soap.storage.schema.reference_rows import Rows

from .catalog import COUPONS
from .orders import DemoOrder

CREATED_AT = "2012-03-01 08:00:00"


def coupon_rows(orders: Iterable[DemoOrder]) -> Rows:
    """The coupons when these orders have been placed, and none of them is canceled yet. Each has a rule of its own."""
    uses = [(order.coupon, order.buyer.customer_id) for order in orders if order.coupon]
    by_code = Counter(code for code, _ in uses)
    by_customer = Counter((code, customer_id) for code, customer_id in uses if customer_id is not None)
    rows: Rows = {"salesrule": [], "salesrule_coupon": [], "salesrule_coupon_usage": [], "salesrule_customer": []}
    for rule_id, (code, percent) in enumerate(COUPONS.items(), start=1):
        rows["salesrule"].append(
            {
                "rule_id": rule_id,
                "name": code,
                "is_active": 1,
                "simple_action": "by_percent",
                "discount_amount": f"{percent:.4f}",
                "discount_step": 0,
                "coupon_type": 2,  # a specific coupon
                "times_used": by_code[code],
            }
        )
        rows["salesrule_coupon"].append(
            {
                "coupon_id": rule_id,
                "rule_id": rule_id,
                "code": code,
                "times_used": by_code[code],
                "is_primary": 1,
                "created_at": CREATED_AT,
            }
        )
    rule_ids = {row["code"]: row["rule_id"] for row in rows["salesrule_coupon"]}
    for number, ((code, customer_id), times) in enumerate(sorted(by_customer.items()), start=1):
        used = {"customer_id": customer_id, "times_used": times}
        rows["salesrule_coupon_usage"].append({"coupon_id": rule_ids[code], **used})
        rows["salesrule_customer"].append({"rule_customer_id": number, "rule_id": rule_ids[code], **used})
    return rows

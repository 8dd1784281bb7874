"""A payment gateway for trying things out: it accepts everything and moves no money."""

from __future__ import annotations

from magento_soap.sales.errors import PaymentError
from magento_soap.sales.payment import GatewayRequest, GatewayResult


class DemoPay:
    """The payment method of the demo shop's gateway orders; authorizes, captures, also in parts, and voids."""

    is_gateway = True
    can_capture = True
    can_capture_partial = True
    can_void = True
    is_idempotent = True

    def __init__(self, code: str) -> None:
        self.code = code

    def capture(self, request: GatewayRequest) -> GatewayResult:
        """Take the money of one invoice; an order paid in parts gets a transaction for each."""
        if request.base_amount is None:
            raise PaymentError("Nothing to capture.")
        document = request.invoice_increment_id or request.order_increment_id
        return GatewayResult(txn_id=f"cap-{document}", is_closed=False)

    def void(self, request: GatewayRequest) -> GatewayResult:
        """Give up what was authorized and not captured."""
        return GatewayResult(txn_id=f"void-{request.order_increment_id}", is_closed=True)

    def cancel(self, request: GatewayRequest) -> GatewayResult:
        """Give up what was authorized, with the order that is canceled."""
        return self.void(request)

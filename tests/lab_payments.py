"""The payment methods of the recorded shop, as a plugin: a gateway that works, one that declines, one that crashes."""

from __future__ import annotations

from dataclasses import dataclass

from magento_soap.sales.errors import PaymentError
from magento_soap.sales.payment import GatewayRequest, GatewayResult


@dataclass(frozen=True)
class LabPay:
    """Captures and voids whatever it is asked to; transaction ids tell the order and the amount."""

    code: str
    is_gateway: bool = True
    can_capture: bool = True
    can_capture_partial: bool = True
    can_void: bool = True
    is_idempotent: bool = True

    def capture(self, request: GatewayRequest) -> GatewayResult:
        return GatewayResult(txn_id=f"cap-{request.order_increment_id}-{request.base_amount:.2f}", is_closed=False)

    def void(self, request: GatewayRequest) -> GatewayResult:
        return GatewayResult(txn_id=f"void-{request.order_increment_id}", is_closed=True, close_parent=True)

    def cancel(self, request: GatewayRequest) -> GatewayResult:
        return GatewayResult()  # Magento's hook does nothing


class LabFail(LabPay):
    """Declines."""

    def capture(self, request: GatewayRequest) -> GatewayResult:
        raise PaymentError("Gateway declined.")

    def void(self, request: GatewayRequest) -> GatewayResult:
        raise PaymentError("Gateway refused the void.")


class LabCrash(LabPay):
    """Fails as software fails."""

    def capture(self, request: GatewayRequest) -> GatewayResult:
        raise RuntimeError("socket timeout talking to gateway")

    def void(self, request: GatewayRequest) -> GatewayResult:
        raise RuntimeError("socket timeout talking to gateway")

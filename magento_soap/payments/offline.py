"""Payment methods without a gateway: the invoice is paid when it is created (SPEC D, INV-4)."""

from __future__ import annotations

from dataclasses import dataclass

from magento_soap.sales.errors import PaymentError
from magento_soap.sales.payment import GatewayRequest, GatewayResult

CODES = ("checkmo", "purchaseorder", "banktransfer", "cashondelivery", "ccsave", "free")


@dataclass(frozen=True)
class OfflineMethod:
    """Check, purchase order, bank transfer, cash on delivery, saved card, and free orders."""

    code: str
    is_gateway: bool = False
    can_capture: bool = False
    can_capture_partial: bool = False
    can_void: bool = False
    is_idempotent: bool = True

    def capture(self, request: GatewayRequest) -> GatewayResult:
        """Raises PaymentError: an offline method cannot capture (INV-24)."""
        raise PaymentError("Capture action is not available.")

    def void(self, request: GatewayRequest) -> GatewayResult:
        """Raises PaymentError: an offline method cannot void (INV-24)."""
        raise PaymentError("Void action is not available.")

    def cancel(self, request: GatewayRequest) -> GatewayResult:
        """There is nothing to give up."""
        return GatewayResult()

"""What Magento's own payment methods can do, by code (SPEC D). The HTTP gateway declares the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Abilities:
    """What a method declares; by default, everything that a payment gateway can do."""

    is_gateway: bool = True
    can_capture: bool = True
    can_capture_partial: bool = True
    can_void: bool = True


EVERYTHING = Abilities()
CORE = {
    "authorizenet": Abilities(can_capture_partial=False),
    "authorizenet_directpost": Abilities(can_capture_partial=False),
    "paypal_direct": EVERYTHING,
    "verisign": EVERYTHING,
    # Express can void the authorization of an order, but not of one of its invoices, as the API requires.
    "paypal_express": Abilities(is_gateway=False, can_void=False),
    "paypal_billing_agreement": Abilities(is_gateway=False),
    "paypal_standard": Abilities(is_gateway=False, can_capture=False, can_capture_partial=False, can_void=False),
}


def abilities_of(code: str) -> Abilities:
    """The abilities of Magento's method with that code; all of them for codes that Magento does not know."""
    return CORE.get(code, EVERYTHING)

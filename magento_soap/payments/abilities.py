"""What Magento's own payment methods can do, by code (SPEC D)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Abilities:
    """What a method declares: by default everything that a payment gateway can do."""

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
    # Express voids the authorization of an order, but not for one of its invoices, which is what the API asks for.
    "paypal_express": Abilities(is_gateway=False, can_void=False),
    "paypal_billing_agreement": Abilities(is_gateway=False),
    "paypal_standard": Abilities(is_gateway=False, can_capture=False, can_capture_partial=False, can_void=False),
}


def abilities_of(code: str) -> Abilities:
    """The abilities of Magento's method of that code; those of a full gateway for codes that are not Magento's."""
    return CORE.get(code, EVERYTHING)

"""Which payment method serves which code (SPEC D), and how gateways plug in."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from magento_soap.payments import registry
from magento_soap.payments.registry import PaymentMethods
from magento_soap.sales.errors import PaymentError
from magento_soap.sales.payment import GatewayRequest, Payment
from tests.lab_payments import LabFail, LabPay

REQUEST = GatewayRequest("100000001", "100000002", Payment(1, "checkmo"), None, "USD", None)


@pytest.mark.parametrize("code", ["checkmo", "purchaseorder", "banktransfer", "cashondelivery", "ccsave", "free"])
def test_offline_methods_move_no_money(code: str) -> None:
    method = PaymentMethods().get(code)
    assert (method.code, method.is_gateway, method.can_capture, method.can_void) == (code, False, False, False)
    with pytest.raises(PaymentError, match="Capture action is not available"):  # INV-24
        method.capture(REQUEST)
    with pytest.raises(PaymentError, match="Void action is not available"):
        method.void(REQUEST)


def test_a_code_without_a_method_is_a_business_error() -> None:
    with pytest.raises(PaymentError, match="The requested Payment Method is not available"):  # ORD-16
        PaymentMethods().get("paypal_direct")


def test_the_setting_maps_codes_to_adapters() -> None:
    methods = PaymentMethods({"paypal_direct": "tests.lab_payments:LabPay", "checkmo": "tests.lab_payments:LabFail"})
    assert isinstance(methods.get("paypal_direct"), LabPay)
    assert methods.get("paypal_direct").code == "paypal_direct"
    assert isinstance(methods.get("checkmo"), LabFail)  # the setting wins


def test_installed_plugins_serve_the_code_they_are_named_after(monkeypatch: pytest.MonkeyPatch) -> None:
    def installed(group: str) -> list[EntryPoint]:
        return [EntryPoint("labpay", "tests.lab_payments:LabPay", group)]

    monkeypatch.setattr(registry, "entry_points", installed)
    methods = PaymentMethods({"other": "labpay"})
    assert isinstance(methods.get("labpay"), LabPay)
    assert methods.get("other").code == "other"  # an adapter's name in the setting is its entry point


@pytest.mark.parametrize("adapter", ["nowhere:Method", "tests.lab_payments:Nothing", "nonsense"])
def test_an_adapter_that_does_not_load_is_reported_at_start(adapter: str) -> None:
    with pytest.raises(ValueError, match='payment method "x": cannot load adapter'):
        PaymentMethods({"x": adapter})


def test_the_setting_knows_built_in_adapters_by_name() -> None:
    methods = PaymentMethods({"paypal_direct": "lab", "acme": "tests.lab_payments:LabFail"}, {"lab": LabPay})
    assert methods.get("paypal_direct") == LabPay("paypal_direct")
    assert isinstance(methods.get("acme"), LabFail)


def test_a_built_in_adapter_that_cannot_work_is_reported_at_start() -> None:
    def http(code: str) -> LabPay:
        raise ValueError("it needs a URL")

    with pytest.raises(ValueError, match=r'^payment method "x": cannot load adapter "http": it needs a URL$'):
        PaymentMethods({"x": "http"}, {"http": http})

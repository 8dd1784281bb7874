"""The services and the API registry declare the same methods; an operation costs no more than its signature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
from spyne import ServiceBase

from magento_soap.api.operations import SESSION_OPERATIONS
from magento_soap.api.resources import Method
from magento_soap.app import create_registry
from magento_soap.protocols.soap.contracts import wsdl_template
from magento_soap.protocols.soap.declaration import ResourceOperations
from magento_soap.protocols.soap.interface import Operation, operations_of, service_of, type_of
from magento_soap.protocols.soap.namespaces import MAHO
from magento_soap.protocols.soap.services import V1_SERVICES, V2_SERVICES
from magento_soap.protocols.soap.services.invoices import InvoiceService
from magento_soap.protocols.soap.types.common import Filters, Flag, Text
from magento_soap.settings import Settings
from magento_soap.storage import Database

REGISTRY = create_registry(Settings(namespace="urn:Maho"), Database("sqlite:///unused.sqlite"))
METHODS: Mapping[str, Method] = {
    f"{resource.name}.{method.name}": method for resource in REGISTRY for method in resource.methods.values()
}
OPERATIONS: Mapping[str, Operation] = {
    operation.path: operation for operation in operations_of(V2_SERVICES) if operation.path is not None
}
OTHER_TITLES = {
    "core_maho.info": "Info about current Maho installation",
    "sales_order_creditmemo.list": "Retrieve list of creditmemos by filters",
    "sales_order_creditmemo.info": "Retrieve creditmemo information",
    "sales_order_creditmemo.create": "Create new creditmemo for order",
    "sales_order_creditmemo.addComment": "Add new comment to shipment",
    "sales_order_creditmemo.cancel": "Cancel creditmemo",
}
"""Operations whose documentation in the WSDL differs from the title in the registry."""
ONLY_V1 = {"sales_order_shipment.addTrack": ("weight",)}
"""Parameters that Magento's WSDL lacks (A2)."""


def test_every_method_has_its_operation_and_the_other_way_round() -> None:
    assert OPERATIONS.keys() == METHODS.keys()
    for resource in REGISTRY:
        served = [path for path in OPERATIONS if path.partition(".")[0] == resource.name]
        assert served == [f"{resource.name}.{name}" for name in resource.methods]


@pytest.mark.parametrize("path", METHODS)
def test_method_and_operation_agree(path: str) -> None:
    method, operation = METHODS[path], OPERATIONS[path]
    assert operation.title == OTHER_TITLES.get(path, method.title)
    parameters = [parameter for parameter in method.parameters if parameter.name not in ONLY_V1.get(path, ())]
    assert list(operation.arguments) == [parameter.name for parameter in parameters]
    session, *parts = (part.name for part in operation.request.parts)
    assert session == "sessionId"
    for part, parameter in zip(parts, parameters, strict=True):
        assert parameter.goes_by(part)
    for part in operation.literal.optional:
        (parameter,) = (each for each in method.parameters if each.goes_by(part))
        assert not parameter.required


@pytest.mark.parametrize(("services", "without"), [(V1_SERVICES, set()), (V2_SERVICES, {"call", "multiCall"})])
def test_operations_on_sessions_are_those_of_every_protocol(services: tuple[type, ...], without: set[str]) -> None:
    served = {each.name: each for each in operations_of(services) if each.path is None}
    assert served.keys() == SESSION_OPERATIONS.keys() - without
    for name, operation in served.items():
        assert {part.name for part in operation.request.parts} == {
            each.name for each in SESSION_OPERATIONS[name].parameters
        }


class Declared(NamedTuple):
    """What is derived for an operation, to be compared at a glance."""

    path: str | None
    arguments: list[str]
    request: str
    parts: list[str]
    response: str
    results: list[str]
    title: str


@pytest.fixture
def operation() -> Operation:
    declare = ResourceOperations("toy_box")

    class ToyBoxService(ServiceBase):  # type: ignore[misc]
        types = (Filters,)

        @declare(optional=("email",), renamed={"boxId": "toyBoxId"})
        def toyBoxAddToy(ctx, sessionId: Text, boxId: Text, email: Text) -> Flag:  # noqa: N803, N805
            """Add a toy"""

    ((found),) = service_of(ToyBoxService).operations
    return found


def test_what_a_signature_declares(operation: Operation) -> None:
    assert Declared(
        operation.path,
        list(operation.arguments),
        operation.request.name,
        [part.name for part in operation.request.parts],
        operation.response.name,
        [part.name for part in operation.response.parts],
        operation.title,
    ) == Declared(
        "toy_box.addToy",
        ["toyBoxId", "email"],
        "toyBoxAddToyRequest",
        ["sessionId", "boxId", "email"],
        "toyBoxAddToyResponse",
        ["result"],
        "Add a toy",
    )
    assert [part.type for part in operation.request.parts] == [type_of(Text)] * 3
    assert operation.response.parts[0].type.kind == "boolean"


def test_a_name_without_the_prefix_of_its_resource_is_refused() -> None:
    def salesOrderInfo(ctx: Any, sessionId: Any) -> None:  # noqa: N803
        """Its service is another one."""

    with pytest.raises(ValueError, match="salesOrderInfo does not begin with toyBox"):
        ResourceOperations("toy_box")()(salesOrderInfo)


def test_a_type_that_no_service_lists_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    service_of.cache_clear()
    monkeypatch.setattr(InvoiceService, "types", ())
    try:
        with pytest.raises(ValueError, match="types that no service lists: salesOrderInvoiceCommentEntity, "):
            wsdl_template("v2", namespace=MAHO, soapenc_import="bare")
    finally:
        service_of.cache_clear()

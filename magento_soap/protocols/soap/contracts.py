"""The styles in which the services are served, and the WSDL of each.

A ``Contract`` combines services, the PHP class whose names the WSDL carries, and the form of the document. ``describe``
needs neither an application nor a database::

    describe("v2", "http://shop.example/api/v2_soap/")
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from .interface import Operation, service_of
from .merged_wsdl import merge, operation_names, read_wsdl
from .namespaces import MAHO, SERVICE
from .services import V1_SERVICES, V2_SERVICES
from .services.magento import MahoService
from .wsdl import Definitions, Description, DocumentedLiteral, DocumentLiteral, RpcEncoded, SoapencImport, WsdlTemplate

Style = Literal["v1", "v2", "wsi", "wsi-documented"]
"""WS-I is described in two forms: Magento's own, and with the names that Magento's documents show."""


@dataclass(frozen=True)
class Contract:
    """What the WSDL of a style describes, and which calls are understood.

    V2 and WS-I understand each other's calls. An empty Body is a call in WS-I only: ``startSession``, whose message
    has no parts.
    """

    services: tuple[type, ...]
    handler: str
    document: type[Definitions]
    literal: bool = True
    empty_call: str | None = None


CONTRACTS: dict[Style, Contract] = {
    "v1": Contract(V1_SERVICES, "Mage_Api_Model_Server_Handler", RpcEncoded, literal=False),
    "v2": Contract(V2_SERVICES, "Mage_Api_Model_Server_V2_Handler", RpcEncoded),
    "wsi": Contract(V2_SERVICES, "Mage_Api_Model_Server_Wsi_Handler", DocumentLiteral, empty_call="startSessionParam"),
}
CONTRACTS["wsi-documented"] = replace(CONTRACTS["wsi"], document=DocumentedLiteral)


def describe(style: Style, address: str, *, namespace: str = SERVICE, soapenc_import: SoapencImport = "bare") -> bytes:
    """The WSDL of a style for clients that use ``address``, an absolute URL.

    ``namespace`` is the name of the services' namespace; for ``soapenc_import`` see ``wsdl.Description``.
    """
    return wsdl_template(style, namespace=namespace, soapenc_import=soapenc_import).at(address)


def wsdl_template(style: Style, *, namespace: str, soapenc_import: SoapencImport) -> WsdlTemplate:
    """The same for any address."""
    contract = CONTRACTS[style]
    services = [service_of(service) for service in contract.services if service is not MahoService or namespace == MAHO]
    description = Description(contract.handler, namespace=namespace, soapenc_import=soapenc_import)
    return WsdlTemplate(contract.document(services, description).document())


def merged_template(
    style: Style, shop: bytes, *, namespace: str, soapenc_import: SoapencImport, forwarded: Collection[str] = ()
) -> WsdlTemplate:
    """The WSDL of the shop behind this server, with the operations that are served here in it.

    ``shop`` is the document of that style that the shop serves. ``forwarded`` names operations that are served here and
    still forwarded; they stay as the shop describes them, if it does. So does an operation of Maho's that is not there.

    Raises ValueError for a document that is not such a WSDL.
    """
    contract = CONTRACTS[style]
    merged = read_wsdl(shop, namespace)
    known = operation_names(merged)

    def is_ours(operation: Operation) -> bool:
        return operation.name not in known or operation.name not in forwarded

    services = [
        replace(described, operations=tuple(filter(is_ours, described.operations)))
        for service in contract.services
        for described in [service_of(service)]
        if service is not MahoService or namespace == MAHO or known.intersection(o.name for o in described.operations)
    ]
    description = Description(contract.handler, namespace=namespace, soapenc_import=soapenc_import)
    merge(merged, contract.document(services, description).document())
    return WsdlTemplate(merged)

"""SOAP over HTTP: one WSGI callable per contract, and its WSDL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from spyne import MethodContext
from spyne.model.fault import Fault
from spyne.server import ServerBase

from magento_soap.api.client import Client
from magento_soap.api.dispatcher import Api
from magento_soap.protocols.wsgi_request import MAX_BODY, Incomplete, Refused, TooLarge, body_of, client_of

from . import faults
from .names import HTTP_TRANSPORT
from .protocol import Call, MagentoSoap, SoapApplication, as_fault, fault_document
from .services import V1_SERVICES, V2_SERVICES, MahoService
from .types import MAHO, NAMESPACE
from .wsdl import Definitions, Description, DocumentedLiteral, DocumentLiteral, RpcEncoded, SoapencImport, WsdlTemplate

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Style = Literal["v1", "v2", "wsi", "wsi-documented"]
"""WS-I is described in two forms: Magento's own, and with the names that Magento's documents show."""

MAX_ELEMENTS = 100_000


@dataclass(frozen=True)
class Contract:
    """What clients of a style are told, and what is understood there.

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


@dataclass(frozen=True)
class Answer:
    """An answer on its way out: HTTP status line, Content-Type and body."""

    status: str
    content_type: str
    body: bytes


class _Server(ServerBase):
    """Spyne's side of the transport: runs one request through the application."""

    transport = HTTP_TRANSPORT

    def answer(self, body: bytes, call: Call) -> Answer:
        """The answer to a request; raises the fault for whatever goes wrong."""
        initial = MethodContext(self, MethodContext.SERVER)
        initial.udc = call
        initial.in_string = (body,)
        context = self.generate_contexts(initial)[0]
        try:
            if context.in_error is None:
                self.get_in_object(context)
            if context.in_error is None:
                self.get_out_object(context)
            fault = context.in_error or context.out_error
            if fault is not None:
                raise fault
            self.get_out_string(context)
            return Answer("200 OK", "text/xml; charset=UTF-8", b"".join(context.out_string))
        finally:
            context.close()


def fault_answer(fault: Fault, soap12: bool, application_status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """The answer that carries a fault: HTTP 200 for those of the API, 500 for those of the SOAP layer (RPC-50)."""
    body = fault_document(fault, soap12).encode("utf-8")
    if isinstance(fault, faults.ApplicationFault):
        return Answer(f"{application_status} {application_status.phrase}", "text/xml; charset=UTF-8", body)
    content_type = "application/soap+xml" if soap12 else "text/xml"
    return Answer("500 Internal Server Error", f"{content_type}; charset=utf-8", body)


class SoapEndpoint:
    """A WSGI callable that answers SOAP requests, and knows the WSDL of one style.

    ``namespace`` is what WSDL and answers say; requests may use any. ``soapenc_import``: see ``wsdl.Description``.
    ``literal_fault_status`` is the HTTP status of the API's faults in document/literal, where the Basic Profile wants
    500 (R1126) and Magento sends 200.
    Bodies of more than ``max_body`` bytes or about ``max_elements`` elements are refused. Serving the WSDL is the
    router's business; everything that comes here is taken for a request, whatever its method.
    """

    def __init__(
        self,
        api: Api,
        *,
        style: Style = "v2",
        namespace: str = NAMESPACE,
        soapenc_import: SoapencImport = "bare",
        literal_fault_status: HTTPStatus = HTTPStatus.OK,
        max_body: int = MAX_BODY,
        max_elements: int = MAX_ELEMENTS,
    ) -> None:
        self._max_body = max_body
        self._literal_fault_status = literal_fault_status
        contract = CONTRACTS[style]
        application = SoapApplication(
            contract.services,
            api=api,
            protocol=partial(
                MagentoSoap,
                namespace=namespace,
                max_elements=max_elements,
                literal=contract.literal,
                empty_call=contract.empty_call,
            ),
            tns=NAMESPACE,
            name=f"Magento {style}",
        )
        self._server = _Server(application)
        description = Description(
            handler=contract.handler,
            namespace=namespace,
            soapenc_import=soapenc_import,
            without=() if namespace == MAHO else (MahoService,),
        )
        self._wsdl = WsdlTemplate(contract.document(application.interface, description))

    def wsdl(self, address: str) -> bytes:
        """The WSDL for clients that come by ``address``, an absolute URL."""
        return self._wsdl.at(address)

    def answer(self, body: bytes, client: Client) -> Answer:
        """The answer to the body of a request. Never raises: whatever happens becomes a fault."""
        call = Call(client)
        try:
            return self._server.answer(body, call)
        except Exception as error:
            literal = call.operation is not None and call.operation.literal
            return fault_answer(as_fault(error), call.soap12, self._literal_fault_status if literal else HTTPStatus.OK)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        try:
            answer = self.answer(self._body(environ), client_of(environ))
        except Exception as error:
            answer = fault_answer(as_fault(error), soap12=False)
        start_response(
            answer.status, [("Content-Type", answer.content_type), ("Content-Length", str(len(answer.body)))]
        )
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [answer.body]

    def _body(self, environ: WSGIEnvironment) -> bytes:
        try:
            return body_of(environ, self._max_body)
        except TooLarge:
            raise faults.request_too_large() from None
        except Incomplete:
            raise faults.invalid_xml() from None
        except Refused as refused:
            raise faults.unreadable_request(str(refused)) from None

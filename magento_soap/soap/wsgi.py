"""SOAP over HTTP: one WSGI callable per style, and its WSDL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from spyne import MethodContext
from spyne.model.fault import Fault
from spyne.server import ServerBase

from magento_soap.api.client import Client
from magento_soap.api.dispatcher import Api
from magento_soap.http import MAX_BODY, Incomplete, TooLarge, body_of, client_of

from . import faults
from .names import HTTP_TRANSPORT
from .protocol import Call, MagentoSoap, SoapApplication, as_fault, fault_document
from .services import V1_SERVICES, V2_SERVICES
from .types import NAMESPACE
from .wsdl import Description, SoapencImport, WsdlTemplate

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Style = Literal["v1", "v2"]

MAX_ELEMENTS = 100_000

_HANDLERS: dict[str, str] = {"v1": "Mage_Api_Model_Server_Handler", "v2": "Mage_Api_Model_Server_V2_Handler"}
_SERVICES: dict[str, tuple[type, ...]] = {"v1": V1_SERVICES, "v2": V2_SERVICES}


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
        """The answer to a request, a fault for whatever goes wrong."""
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
            if fault is None:
                self.get_out_string(context)
                return Answer("200 OK", "text/xml; charset=UTF-8", b"".join(context.out_string))
            return fault_answer(fault, call.soap12)
        finally:
            context.close()


def fault_answer(fault: Fault, soap12: bool) -> Answer:
    """The answer that carries a fault: HTTP 200 for those of the API, 500 for those of the SOAP layer (RPC-50)."""
    body = fault_document(fault, soap12).encode("utf-8")
    if isinstance(fault, faults.ApplicationFault):
        return Answer("200 OK", "text/xml; charset=UTF-8", body)
    content_type = "application/soap+xml" if soap12 else "text/xml"
    return Answer("500 Internal Server Error", f"{content_type}; charset=utf-8", body)


class SoapEndpoint:
    """A WSGI callable that answers SOAP requests in one style, and knows its WSDL.

    ``namespace`` is what WSDL and answers say; requests may use any. ``soapenc_import``: see ``wsdl.Description``.
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
        max_body: int = MAX_BODY,
        max_elements: int = MAX_ELEMENTS,
    ) -> None:
        self._max_body = max_body
        application = SoapApplication(
            _SERVICES[style],
            api=api,
            protocol=partial(MagentoSoap, namespace=namespace, max_elements=max_elements),
            tns=NAMESPACE,
            name=f"Magento {style}",
        )
        self._server = _Server(application)
        description = Description(handler=_HANDLERS[style], namespace=namespace, soapenc_import=soapenc_import)
        self._wsdl = WsdlTemplate(application.interface, description)

    def wsdl(self, address: str) -> bytes:
        """The WSDL for clients that come by ``address``, an absolute URL."""
        return self._wsdl.at(address)

    def answer(self, body: bytes, client: Client) -> Answer:
        """The answer to the body of a request. Never raises: whatever happens becomes a fault."""
        call = Call(client)
        try:
            return self._server.answer(body, call)
        except Exception as error:
            return fault_answer(as_fault(error), call.soap12)

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

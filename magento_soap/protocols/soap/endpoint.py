"""SOAP over HTTP: one WSGI callable per style (``contracts``), and its WSDL.

``SoapEndpoint`` takes the body and the client from the HTTP request, runs the body through Spyne's application with our
protocol (``protocol``), and turns every exception into a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from spyne import MethodContext
from spyne.model.fault import Fault
from spyne.server import ServerBase

from magento_soap.api.client import Client
from magento_soap.api.dispatcher import Api
from magento_soap.api.faults import ApiFault
from magento_soap.protocols.forwarding import Upstream
from magento_soap.protocols.wsgi_request import MAX_BODY, Incomplete, Refused, TooLarge, body_of, client_of

from . import faults
from .client_messages import SoapMessages
from .contracts import CONTRACTS, Contract, Style, wsdl_template
from .envelopes import fault_document
from .faults import as_fault
from .interface import operations_of
from .namespaces import HTTP_TRANSPORT, SERVICE
from .protocol import Call, MagentoSoap, SoapApplication, compile_operations
from .wsdl import SoapencImport

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_ELEMENTS = 100_000


@dataclass(frozen=True)
class Answer:
    """A response, and a WSGI application that sends it: HTTP status line, Content-Type and body."""

    status: str
    content_type: str
    body: bytes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send the response."""
        start_response(self.status, [("Content-Type", self.content_type), ("Content-Length", str(len(self.body)))])
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [self.body]


class _Server(ServerBase):
    """Spyne's side of the transport: runs one request through the application."""

    transport = HTTP_TRANSPORT

    def answer(self, body: bytes, call: Call) -> Answer:
        """The response to a request. Raises a fault for everything that goes wrong."""
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
    """The response that carries a fault: HTTP 200 for those of the API, 500 for those of the SOAP layer (RPC-50)."""
    body = fault_document(fault, soap12).encode("utf-8")
    if isinstance(fault, faults.ApplicationFault):
        return Answer(f"{application_status} {application_status.phrase}", "text/xml; charset=UTF-8", body)
    content_type = "application/soap+xml" if soap12 else "text/xml"
    return Answer("500 Internal Server Error", f"{content_type}; charset=utf-8", body)


def client_messages(contract: Contract, namespace: str) -> Mapping[bool, SoapMessages]:
    """The messages to a shop behind this server: in document/literal, where the contract has that, and rpc/encoded."""
    operations = list(operations_of(contract.services))
    encoded = SoapMessages("V2" if contract.literal else "V1", operations, namespace)
    return {False: encoded, True: SoapMessages("WS-I", [], namespace)}


class SoapEndpoint:
    """A WSGI callable that answers SOAP requests of one style, and has its WSDL.

    ``namespace`` is the name of the services' namespace in WSDL and responses; requests may use any other.
    ``soapenc_import``: see ``wsdl.Description``. ``describe`` replaces the WSDL, given an address.
    ``literal_fault_status`` is the HTTP status of the API's faults in document/literal, where the Basic Profile wants
    500 (R1126) and Magento sends 200.
    Bodies of more than ``max_body`` bytes or about ``max_elements`` elements are refused. The
    router serves the WSDL; here everything is a SOAP request, whatever its HTTP method. ``upstream`` is the shop behind
    this server, if any.
    """

    def __init__(
        self,
        api: Api,
        *,
        style: Style = "v2",
        namespace: str = SERVICE,
        soapenc_import: SoapencImport = "bare",
        describe: Callable[[str], bytes] | None = None,
        literal_fault_status: HTTPStatus = HTTPStatus.OK,
        max_body: int = MAX_BODY,
        max_elements: int = MAX_ELEMENTS,
        upstream: Upstream | None = None,
    ) -> None:
        self._max_body = max_body
        self._upstream = upstream
        self._literal_fault_status = literal_fault_status
        contract = CONTRACTS[style]
        operations = compile_operations(operations_of(contract.services), namespace, literal=contract.literal)
        self._messages = client_messages(contract, namespace) if upstream else {}
        protocol = partial(MagentoSoap, operations, max_elements=max_elements, empty_call=contract.empty_call)
        self._server = _Server(SoapApplication(contract.services, api=api, name=f"Magento {style}", protocol=protocol))
        self._describe = describe or wsdl_template(style, namespace=namespace, soapenc_import=soapenc_import).at

    def wsdl(self, address: str) -> bytes:
        """The WSDL for clients that use ``address``, an absolute URL. Raises what ``describe`` raises."""
        return self._describe(address)

    def answer(self, body: bytes, client: Client) -> Answer:
        """The response to the body of a request. Never raises: every exception becomes a fault."""
        call = Call(client)
        try:
            return self._server.answer(body, call)
        except Exception as error:
            return self._fault_answer(error, call.soap12, call.literal)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        return self._response(environ)(environ, start_response)

    def _response(self, environ: WSGIEnvironment) -> WSGIApplication:
        """The response of this server, or of the shop behind it."""
        try:
            body, client = self._body(environ), client_of(environ)
        except Exception as error:
            return fault_answer(as_fault(error), soap12=False)
        if self._upstream is None:
            return self.answer(body, client)
        upstream, messages = self._upstream, self._messages
        call = Call(client, upstream.shop(environ, messages[False]))
        try:
            answer = self._server.answer(body, call)
            upstream.compare(environ, body, answer.body, client.served, messages[call.literal])
            return answer
        except faults.Forwarded as forwarded:
            try:
                return upstream.forward(environ, body, forwarded.call, messages[forwarded.literal])
            except ApiFault as fault:
                return self._fault_answer(fault, call.soap12, forwarded.literal)
        except Exception as error:
            return self._fault_answer(error, call.soap12, call.literal)

    def _fault_answer(self, error: Exception, soap12: bool, literal: bool) -> Answer:
        return fault_answer(as_fault(error), soap12, self._literal_fault_status if literal else HTTPStatus.OK)

    def _body(self, environ: WSGIEnvironment) -> bytes:
        try:
            return body_of(environ, self._max_body)
        except TooLarge:
            raise faults.request_too_large() from None
        except Incomplete:
            raise faults.invalid_xml() from None
        except Refused as refused:
            raise faults.unreadable_request(str(refused)) from None

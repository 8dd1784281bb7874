"""What an endpoint needs in order to forward: the shop behind this server, and its protocol's messages as a client.

``upstream`` implements ``Upstream``; each protocol has its ``MessageFormat``. An endpoint that catches a
``ForwardedCall`` returns ``Upstream.forward`` of its request; for a request that is only partly the shop's,
``Upstream.shop`` runs the shop's part.

Whoever waits for the shop does so in ``waiting``, so that the server can use the thread's place meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Protocol

from magento_soap.api.client import ServedCall
from magento_soap.api.forwarding import ForwardedCall
from magento_soap.api.ports import Shop
from magento_soap.api.values import Value

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

WAITING = "magento_soap.waiting"
"""The key in the WSGI environment of a callable without arguments, which returns the context manager of ``waiting``."""


class TooManyWaiting(Exception):
    """As many calls as are allowed, of one client or of all, wait for another server already."""


def waiting(environ: WSGIEnvironment) -> AbstractContextManager[None]:
    """A context in which a call waits for another server, while another call takes the place of its thread.

    The call may have to wait for a place before it leaves the context, and must not hold a database connection inside
    it. A context within a context has no effect, nor has one on other WSGI servers than ours.

    Entering raises TooManyWaiting, without delay.
    """
    enter: Callable[[], AbstractContextManager[None]] = environ.get(WAITING, nullcontext)
    return enter()


class WsdlUnavailable(Exception):
    """The shop has not served a WSDL yet, and there is no copy; ``retry_after`` is when to ask again, in seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("The shop's WSDL is not available.")
        self.retry_after = retry_after


class MessageFormat(Protocol):
    """The messages of a protocol, as a client writes and reads them."""

    @property
    def name(self) -> str:
        """What the report calls the protocol: V1, V2, WS-I, XML-RPC or JSON-RPC."""

    @property
    def content_type(self) -> str:
        """The Content-Type of a request."""

    def request(self, name: str, params: Sequence[Value]) -> bytes:
        """The request for an operation, with its parameters in order."""

    def result(self, name: str, response: bytes) -> Value:
        """The result in the response to an operation. Raises ApiFault for a fault, ValueError for anything else."""

    def value(self, response: bytes) -> Value:
        """All that a response says, a result or a fault, whatever its declared types; to be compared with another's.

        Raises ValueError for bytes that are no response.
        """

    def is_response(self, beginning: bytes, end: bytes) -> bool:
        """Whether bytes that begin and end this way are a complete response, and not a page of HTML or a part."""


class Upstream(Protocol):
    """The shop behind this server."""

    def forward(
        self, environ: WSGIEnvironment, body: bytes, call: ForwardedCall, messages: MessageFormat
    ) -> WSGIApplication:
        """The shop's response to a request, to be returned unchanged.

        Raises ApiFault (fault 1, with a reference to the log) when the shop gives none that can be used.
        """

    def compare(
        self,
        environ: WSGIEnvironment,
        body: bytes,
        response: bytes,
        served: Sequence[ServedCall],
        messages: MessageFormat,
    ) -> None:
        """Compare our response with the shop's in the background, if only reads were served and it is sampled."""

    def shop(self, environ: WSGIEnvironment, messages: MessageFormat) -> Shop:
        """The shop, to be asked for a part of a request."""

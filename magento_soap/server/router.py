"""The router: which URL belongs to which endpoint, and how a WSDL is served."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Request, Response

from magento_soap.api.faults import unexpected
from magento_soap.protocols.forwarding import WsdlUnavailable

from .responses import NO_SNIFFING, with_header

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DEFAULT = "soap"
ADDRESS_HEADERS = ("Host", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix")
WSDL_IN_PATH = re.compile(r"/wsdl(/[^/]*)?(?=/|$)", re.IGNORECASE)


class Router:
    """Routes every URL that Magento understands (SES-40), and a few more, to its endpoint.

    A URL of the API is ``/api/ADAPTER/index/PARAMETERS``: the adapter is V1's when there is none or it is ``index``,
    ``index`` can be omitted if no parameters follow, and all parameters but ``wsdl`` are ignored. ``/index.php`` may
    precede the path. Repeated and trailing slashes are ignored, and so is case. A path with ``..`` is unknown: another
    server might read a different URL in it.

    An endpoint is a WSGI callable. If it has a WSDL, its method ``wsdl(address)`` returns it, or raises
    ``WsdlUnavailable``. ``rest`` is the endpoint
    of everything below ``/rest``. ``fixed_address`` states that the address in a WSDL does not depend on the headers of
    the request for it.
    """

    def __init__(
        self,
        adapters: Mapping[str, WSGIApplication],
        rest: WSGIApplication | None = None,
        *,
        fixed_address: bool = False,
    ) -> None:
        self._adapters = adapters
        self._rest = rest
        self._fixed_address = fixed_address

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Respond with the WSDL if it is requested, otherwise with the response of the endpoint."""
        start_response = with_header(start_response, NO_SNIFFING)
        try:
            return self._route(Request(environ, populate_request=False))(environ, start_response)
        except HTTPException as error:
            response = Response(f"{error.code} {error.name}\n", error.code)
        except Exception as error:
            unexpected(error)
            response = Response("500 Internal Server Error\n", 500)
        return response(environ, start_response)

    def _route(self, request: Request) -> WSGIApplication:
        segments = _segments(request.path)
        if ".." in segments or "." in segments:
            raise NotFound
        if segments[:1] == ["rest"] and len(segments) > 1 and self._rest is not None:
            return self._rest
        if segments == ["api.php"]:
            adapter = request.args.get("type", DEFAULT)
            parameters: Sequence[str] = ()
            if adapter not in self._adapters:
                return Response("Invalid webservice adapter specified.\n", 400)
        else:
            adapter, parameters = _adapter_and_parameters(segments)
        endpoint = self._adapters.get(adapter)
        if endpoint is None:
            raise NotFound
        wsdl: Callable[[str], bytes] | None = getattr(endpoint, "wsdl", None)
        if wsdl is not None and (any(map(_is_wsdl_parameter, request.args)) or "wsdl" in parameters[::2]):
            try:
                return self._wsdl_response(request, wsdl(_address(request)))
            except WsdlUnavailable as error:
                return _unavailable(error)
        return endpoint

    def _wsdl_response(self, request: Request, document: bytes) -> Response:
        response = Response(document, content_type="text/xml; charset=UTF-8")
        response.add_etag(weak=True)  # the same for every content encoding
        response.cache_control.no_cache = True  # caches must revalidate, which is cheap with the tag
        if not self._fixed_address:
            response.cache_control.private = True
            response.vary.update(ADDRESS_HEADERS)
        return response.make_conditional(request)


def _unavailable(error: WsdlUnavailable) -> Response:
    """Status 503, and no WSDL of our operations only: PHP would keep it for a day."""
    response = Response(f"503 Service Unavailable\n{error} Try again later.\n", 503)
    response.retry_after = math.ceil(error.retry_after)
    response.cache_control.no_store = True
    return response


def _segments(path: str) -> list[str]:
    """The lower-case segments of a path, without a leading ``index.php``."""
    segments = [segment for segment in path.lower().split("/") if segment]
    return segments[1:] if segments[:1] == ["index.php"] else segments


def _adapter_and_parameters(segments: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The adapter and the parameters that a path below ``/api`` names. Raises NotFound."""
    match segments:
        case ["api"] | ["api", "index"]:
            return DEFAULT, ()
        case ["api", adapter]:
            return adapter, ()
        case ["api", adapter, "index", *parameters]:
            return DEFAULT if adapter == "index" else adapter, parameters
        case _:
            raise NotFound


def _is_wsdl_parameter(key: str) -> bool:
    return key.lower() == "wsdl"


def _address(request: Request) -> str:
    """The requested URL without the parts that request the WSDL: calls go to this URL."""
    rest = urlencode([(key, value) for key, value in request.args.items(multi=True) if not _is_wsdl_parameter(key)])
    path = quote(WSDL_IN_PATH.sub("", request.root_path + request.path), safe="/:@!$&'()*+,;=~")
    return f"{request.scheme}://{request.headers['Host']}{path}" + (f"?{rest}" if rest else "")

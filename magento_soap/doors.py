"""Which URL leads to which door, and what is believed of the way a request came."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Request, Response

from .api.faults import unexpected

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DEFAULT = "soap"
WSDL_IN_PATH = re.compile(r"/wsdl(/[^/]*)?(?=/|$)", re.IGNORECASE)


class Doors:
    """Which URL leads to which door, in all the spellings that Magento understands (SES-40), and a few more.

    A URL of the API is ``/api/ADAPTER/index/PARAMETERS``: the adapter is V1's when there is none or it is ``index``,
    ``index`` can be left out where no parameters follow, and those are ignored but for ``wsdl``. ``/index.php`` may
    stand before it. Repeated slashes count as one, one at the end counts for nothing, and case does not matter.

    A door is a WSGI callable; one that has a WSDL gives it to ``wsdl(address)``. ``rest`` is that for what is below
    ``/rest``.
    """

    def __init__(
        self,
        adapters: Mapping[str, WSGIApplication],
        allowed_hosts: Sequence[str],
        rest: WSGIApplication | None = None,
    ) -> None:
        self._adapters = adapters
        self._rest = rest
        self._allowed_hosts = list(allowed_hosts) or None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request: a WSDL where one is asked for, else whatever the door says."""
        try:
            request = Request(environ, populate_request=False)
            request.trusted_hosts = self._allowed_hosts
            return self._answer(request)(environ, start_response)
        except HTTPException as error:
            answer = Response(f"{error.code} {error.name}\n", error.code)
        except Exception as error:
            unexpected(error)
            answer = Response("500 Internal Server Error\n", 500)
        return answer(environ, start_response)

    def _answer(self, request: Request) -> WSGIApplication:
        host = request.host  # refused here when it is not allowed, whatever the request is for
        segments = _segments(request.path)
        if segments[:1] == ["rest"] and len(segments) > 1 and self._rest is not None:
            return self._rest
        if segments == ["api.php"]:
            adapter = request.args.get("type", DEFAULT)
            parameters: Sequence[str] = ()
            if adapter not in self._adapters:
                return Response("Invalid webservice adapter specified.\n", 400)
        else:
            adapter, parameters = _adapter_and_parameters(segments)
        door = self._adapters.get(adapter)
        if door is None:
            raise NotFound
        describe: Callable[[str], bytes] | None = getattr(door, "wsdl", None)
        if describe is not None and (any(map(_asks_for_wsdl, request.args)) or "wsdl" in parameters[::2]):
            document = Response(describe(_address(request, host)), content_type="text/xml; charset=UTF-8")
            document.add_etag(weak=True)  # of the document, whatever its encoding on the way
            return document.make_conditional(request)
        return door


def _segments(path: str) -> list[str]:
    """The parts of a path, in small letters, without ``index.php`` in front."""
    segments = [segment for segment in path.lower().split("/") if segment]
    return segments[1:] if segments[:1] == ["index.php"] else segments


def _adapter_and_parameters(segments: Sequence[str]) -> tuple[str, Sequence[str]]:
    """What a path below ``/api`` names. Raises NotFound."""
    match segments:
        case ["api"] | ["api", "index"]:
            return DEFAULT, ()
        case ["api", adapter]:
            return adapter, ()
        case ["api", adapter, "index", *parameters]:
            return DEFAULT if adapter == "index" else adapter, parameters
        case _:
            raise NotFound


def _asks_for_wsdl(key: str) -> bool:
    return key.lower() == "wsdl"


def _address(request: Request, host: str) -> str:
    """The URL as requested but for what asked for the WSDL, which is not wanted again with every call."""
    rest = urlencode([(key, value) for key, value in request.args.items(multi=True) if not _asks_for_wsdl(key)])
    path = quote(WSDL_IN_PATH.sub("", request.root_path + request.path), safe="/:@!$&'()*+,;=~")
    return f"{request.scheme}://{host}{path}" + (f"?{rest}" if rest else "")


class TrustedProxies:
    """Believes ``X-Forwarded-*`` when the request comes from a proxy named in the settings, else ignores it."""

    def __init__(self, app: WSGIApplication, proxies: Sequence[IPv4Network | IPv6Network]) -> None:
        self._direct = app
        self._proxied = ProxyFix(app, x_for=1, x_proto=1, x_host=1, x_prefix=1)
        self._networks = proxies

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on, as the proxy saw it if the proxy is known."""
        try:
            address = ip_address(environ.get("REMOTE_ADDR", ""))
        except ValueError:  # a Unix socket has no address
            return self._direct(environ, start_response)
        known = any(address in network for network in self._networks)
        return (self._proxied if known else self._direct)(environ, start_response)

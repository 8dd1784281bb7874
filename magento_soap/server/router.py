"""Which URL leads to which door, and what is believed of the way a request came."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Request, Response

from magento_soap.api.faults import unexpected

from .hosts import DEFAULT_PORTS, PATH_PREFIX, refusal

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DEFAULT = "soap"
ADDRESS_HEADERS = ("Host", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix")
MAX_PROXIES = 8
WSDL_IN_PATH = re.compile(r"/wsdl(/[^/]*)?(?=/|$)", re.IGNORECASE)


ADDRESS_WITH_PORT = re.compile(r"\[([0-9a-fA-F:.]+)\](?::\d+)?|([0-9.]+):\d+", re.ASCII)
IPAddress = IPv4Address | IPv6Address


class Router:
    """Which URL leads to which door, in all the spellings that Magento understands (SES-40), and a few more.

    A URL of the API is ``/api/ADAPTER/index/PARAMETERS``: the adapter is V1's when there is none or it is ``index``,
    ``index`` can be left out where no parameters follow, and those are ignored but for ``wsdl``. ``/index.php`` may
    stand before it. Repeated slashes count as one, one at the end counts for nothing, and case does not matter.

    A door is a WSGI callable; one that has a WSDL gives it to ``wsdl(address)``. ``rest`` is that for what is below
    ``/rest``. ``fixed_address`` says that the address in a WSDL does not depend on the headers of the request for it.
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
        """Answer a request: a WSDL where one is asked for, else whatever the door says."""
        start_response = _not_to_be_guessed(start_response)
        try:
            return self._answer(Request(environ, populate_request=False))(environ, start_response)
        except HTTPException as error:
            answer = Response(f"{error.code} {error.name}\n", error.code)
        except Exception as error:
            unexpected(error)
            answer = Response("500 Internal Server Error\n", 500)
        return answer(environ, start_response)

    def _answer(self, request: Request) -> WSGIApplication:
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
            return self._build_invoice(request, describe(_address(request)))
        return door

    def _build_invoice(self, request: Request, wsdl: bytes) -> Response:
        document = Response(wsdl, content_type="text/xml; charset=UTF-8")
        document.add_etag(weak=True)  # of the document, whatever its encoding on the way
        document.cache_control.no_cache = True  # to be asked for again, and with the tag that costs nothing
        if not self._fixed_address:
            document.cache_control.private = True
            document.vary.update(ADDRESS_HEADERS)
        return document.make_conditional(request)


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


def _address(request: Request) -> str:
    """The URL as requested but for what asked for the WSDL, which is not wanted again with every call."""
    rest = urlencode([(key, value) for key, value in request.args.items(multi=True) if not _asks_for_wsdl(key)])
    path = quote(WSDL_IN_PATH.sub("", request.root_path + request.path), safe="/:@!$&'()*+,;=~")
    return f"{request.scheme}://{request.headers['Host']}{path}" + (f"?{rest}" if rest else "")


def _not_to_be_guessed(start_response: StartResponse) -> StartResponse:
    """Keeps browsers from taking a response for something else than its type says."""

    def start(
        status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        return start_response(status, [*headers, ("X-Content-Type-Options", "nosniff")], exc_info)

    return start


class TrustedProxies:
    """Believes ``X-Forwarded-*`` when the request comes from a proxy named in the settings, else ignores it.

    Proxies pass on what clients send, so what no proxy would say of itself is refused with status 400.
    """

    def __init__(self, app: WSGIApplication, proxies: Sequence[IPv4Network | IPv6Network]) -> None:
        self._direct = app
        self._proxied = ProxyFix(self._checked, x_for=0, x_proto=1, x_host=1, x_prefix=1)
        self._networks = proxies

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Pass the request on, as the proxy saw it if the proxy is known."""
        address = _ip_address(environ.get("REMOTE_ADDR", ""))  # a Unix socket has none
        if address is None or not self._is_known(address):
            return self._direct(environ, start_response)
        environ["REMOTE_ADDR"] = self._client_address(address, environ.get("HTTP_X_FORWARDED_FOR", ""))
        return self._proxied(environ, start_response)

    def _checked(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        scheme, prefix = environ["wsgi.url_scheme"].lower(), environ.get("SCRIPT_NAME", "").rstrip("/")
        if scheme not in DEFAULT_PORTS:
            return refusal("X-Forwarded-Proto is neither http nor https.")(environ, start_response)
        if not PATH_PREFIX.fullmatch(prefix):
            return refusal("X-Forwarded-Prefix is not a path.")(environ, start_response)
        environ |= {"wsgi.url_scheme": scheme, "SCRIPT_NAME": prefix}
        return self._direct(environ, start_response)

    def _client_address(self, address: IPAddress, forwarded: str) -> str:
        """The first address on the way back that is no proxy of ours; what lies behind it can be forged."""
        for text in reversed(forwarded.rsplit(",", MAX_PROXIES)):
            before = _ip_address(text)
            if before is None:
                break
            address = before
            if not self._is_known(address):
                break
        return str(address)

    def _is_known(self, address: IPAddress) -> bool:
        return any(address in network for network in self._networks)


def _ip_address(text: str) -> IPAddress | None:
    """An address, which some proxies send with a port."""
    found = ADDRESS_WITH_PORT.fullmatch(text.strip())
    try:
        address = ip_address(found[1] or found[2] if found else text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address

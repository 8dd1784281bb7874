"""Which URL leads to which door, and what is believed of the way a request came."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from .api.faults import unexpected

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WSDL_IN_PATH = re.compile(r"/wsdl(/[^/]*)?(?=/|$)")


class Doors:
    """Which URL leads to which door, in all the spellings that Magento understands (SES-40).

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
        self._urls = Map(
            [
                Rule(prefix + path, endpoint="door", defaults=defaults)
                for prefix in ("", "/index.php")
                for path, defaults in (
                    ("/api", {"adapter": "soap", "parameters": ""}),
                    ("/api/<adapter>", {"parameters": ""}),
                    ("/api/<adapter>/index", {"parameters": ""}),
                    ("/api/<adapter>/index/<path:parameters>", None),
                )
            ]
            + [Rule("/api.php", endpoint="legacy")]
            + [Rule(prefix + "/rest/<path:_>", endpoint="rest") for prefix in ("", "/index.php")],
            strict_slashes=False,
            merge_slashes=False,
            redirect_defaults=False,
        )

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
        endpoint, found = self._urls.bind_to_environ(request.environ).match(method="GET")
        if endpoint == "rest":
            if self._rest is None:
                raise NotFound
            return self._rest
        query = request.args
        if endpoint == "legacy":
            adapter, parameters = query.get("type", "soap"), ""
            if adapter not in self._adapters:
                return Response("Invalid webservice adapter specified.\n", 400)
        else:
            adapter, parameters = found["adapter"], found["parameters"]
        door = self._adapters.get(adapter)
        if door is None:
            raise NotFound
        describe: Callable[[str], bytes] | None = getattr(door, "wsdl", None)
        if describe is not None and ("wsdl" in query or "wsdl" in parameters.split("/")[::2]):
            address = f"{request.scheme}://{host}{_path(request, query)}"
            document = Response(describe(address), content_type="text/xml; charset=UTF-8")
            document.add_etag()
            return document.make_conditional(request)
        return door


def _path(request: Request, query: MultiDict[str, str]) -> str:
    """Path and query as requested but for what asked for the WSDL, which is not wanted again with every call."""
    rest = urlencode([(key, value) for key, value in query.items(multi=True) if key != "wsdl"])
    path = WSDL_IN_PATH.sub("", request.root_path + request.path)
    return quote(path, safe="/:@!$&'()*+,;=~") + (f"?{rest}" if rest else "")


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

"""REST as Magento 2 speaks it: services that create documents, repositories that read them, tokens, the description.

``POST /rest/V1/order/{orderId}/invoice`` answers with a bare integer; errors are ``{"message", "parameters"}`` with
a status of 400 or more (M2-5).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import Authorization
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from magento_soap.api.faults import unexpected
from magento_soap.api.methods.webapi import WebapiServices
from magento_soap.api.methods.webapi.creation import CreatingService
from magento_soap.api.methods.webapi.errors import WebapiError
from magento_soap.api.methods.webapi.repositories import Repository
from magento_soap.protocols.json_text import InvalidJson, parse
from magento_soap.protocols.wsgi_request import Refused, body_of, client_of
from magento_soap.sales.errors import TryAgainLater, excerpt

from .openapi.document import OpenApi
from .paths import REPOSITORY_PATHS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MOST_LEVELS = 32  # of nested values
RETRY_AFTER_SECONDS = 5
NO_ROUTE = "Request does not match any route."
NOT_JSON = "Decoding error."
NO_SERVICES = "Incorrect format of request URI or Requested services are missing."
UNKNOWN_SERVICE = 'Requested service is not available: "%1"'


class RestEndpoint:
    """A WSGI callable that answers below ``/rest``, with or without a store's code, with JSON for JSON.

    Bodies of more than ``max_body`` bytes are refused. The Content-Type of a request does not matter.
    """

    def __init__(self, services: WebapiServices, *, max_body: int) -> None:
        self._services = services
        self._max_body = max_body
        self._openapi = OpenApi(services.repositories.keys())
        self._urls = Map(
            [
                Rule(prefix + store + path, methods=[method], endpoint=run)
                for method, path, run in self._routes()
                for prefix in ("", "/index.php")
                for store in ("/rest", "/rest/<store>")
            ],
            strict_slashes=False,
            merge_slashes=False,
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        return self._answer(Request(environ, populate_request=False))(environ, start_response)

    def _routes(self) -> Iterator[tuple[str, str, Callable[..., Any]]]:
        """Method, path, and what answers."""
        services = self._services
        yield "POST", "/V1/order/<entity_id>/invoice", partial(self._execute, services.invoice_order)
        yield "POST", "/V1/order/<entity_id>/ship", partial(self._execute, services.ship_order)
        yield "POST", "/V1/order/<entity_id>/refund", partial(self._execute, services.refund_order)
        yield "POST", "/V1/invoice/<entity_id>/refund", partial(self._execute, services.refund_invoice)
        for entity_type, repository in services.repositories.items():
            paths = REPOSITORY_PATHS[entity_type]
            yield "GET", paths.all, partial(self._get_list, repository)
            for path in paths.singles:
                yield "GET", f"{path}/<entity_id>", partial(self._get, repository)
        yield "POST", "/V1/integration/admin/token", self._token
        yield "GET", "/schema", self._schema

    def _answer(self, request: Request) -> WSGIApplication:
        try:
            run, found = self._urls.bind_to_environ(request.environ).match()
            return _response(200, run(request, **{name: text for name, text in found.items() if name != "store"}))
        except HTTPException:
            error = WebapiError(404, NO_ROUTE)
        except WebapiError as known:
            error = known
        except Refused as refused:
            status, _, phrase = refused.status.partition(" ")
            error = WebapiError(int(status), phrase)
        except TryAgainLater as busy:
            error = WebapiError(503, unexpected(busy, call=request.path).message)
        except Exception as failure:
            error = WebapiError(500, unexpected(failure, call=request.path).message)
        return _response(error.status, error.as_json())

    def _execute(self, service: CreatingService, request: Request, entity_id: str) -> int:
        client = client_of(request.environ)
        user_id = service.user_of(client, _bearer(request))
        return service.execute(client, user_id, entity_id, self._arguments(request))

    def _get_list(self, repository: Repository, request: Request) -> Mapping[str, object]:
        parameters = request.args.items(multi=True)
        return repository.get_list(client_of(request.environ), _bearer(request), parameters)

    def _get(self, repository: Repository, request: Request, entity_id: str) -> Mapping[str, object]:
        return repository.get(client_of(request.environ), _bearer(request), entity_id)

    def _token(self, request: Request) -> str:
        return self._services.access.token(client_of(request.environ), self._arguments(request))

    def _schema(self, request: Request) -> Mapping[str, Any]:
        wanted = [name for name in request.args.get("services", "").split(",") if name]
        if not wanted:
            raise WebapiError(400, NO_SERVICES)
        for name in wanted:
            if name not in self._openapi.names:
                raise WebapiError(404, UNKNOWN_SERVICE, {"1": excerpt(name)})
        base = (request.root_path + request.path).rstrip("/").removesuffix("/schema")
        return self._openapi.description(request.scheme, request.headers["Host"], base)

    def _arguments(self, request: Request) -> Mapping[str, Any]:
        """The JSON object of the body; nothing at all, or PHP's empty array, is an empty one."""
        body = body_of(request.environ, self._max_body)
        if not body.strip():
            return {}
        try:
            arguments = parse(body)
        except InvalidJson:
            raise WebapiError(400, NOT_JSON) from None
        if arguments == []:
            return {}
        if not isinstance(arguments, dict) or not _is_bounded(arguments, MOST_LEVELS):
            raise WebapiError(400, NOT_JSON)
        return arguments


def _bearer(request: Request) -> str | None:
    authorization = Authorization.from_header(request.headers.get("Authorization"))
    if authorization is None or authorization.type != "bearer":
        return None
    return authorization.token


def _is_bounded(value: Any, levels: int) -> bool:
    """Whether a value of JSON is nested no deeper than that, and its numbers are ones that JSON can write."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        value = list(value.values())
    return not isinstance(value, list) or (levels > 0 and all(_is_bounded(each, levels - 1) for each in value))


def _response(status: int, answer: Any) -> Response:
    response = Response(json.dumps(answer), status, content_type="application/json; charset=utf-8")
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    elif status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response

"""Small pieces of responses that several middlewares share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse

NO_SNIFFING = ("X-Content-Type-Options", "nosniff")
"""Keeps browsers from guessing a content type other than the declared one."""


def bad_request(reason: str) -> Response:
    """A response with status 400. ``reason`` must not repeat anything that the client sent."""
    return Response(f"400 Bad Request\n{reason}\n", 400, [NO_SNIFFING])


def with_header(start_response: StartResponse, header: tuple[str, str]) -> StartResponse:
    """Wrap ``start_response`` to append a header to the response."""

    def start(
        status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        return start_response(status, [*headers, header], exc_info)

    return start

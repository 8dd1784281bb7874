"""Answers are compressed for clients that ask for it.

A WSGI middleware of our own: what there is on the package index has not been maintained for years, or belongs to a web
framework.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WORTH_IT = 1024  # bytes: a shorter answer fits into a packet or two as it is
FASTEST = 1  # gzip's level: XML shrinks to a tenth, and the best level would save little of that for twice the time


class Compression:
    """Compresses the answers of an application with gzip where the client accepts it and it pays.

    Only ``gzip`` is offered: whoever knows ``deflate`` knows it, too, and browsers disagreed on what ``deflate`` is.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the application does; caches are told that the encoding depends on the request."""
        if not _accepts_gzip(environ):
            return self._app(environ, _varying(start_response))
        response = Response.from_app(self._app, environ, buffered=True)
        response.vary.add("Accept-Encoding")
        body = response.get_data()
        if len(body) >= WORTH_IT and not response.content_encoding:
            compressed = gzip.compress(body, FASTEST, mtime=0)
            if len(compressed) < len(body):
                response.set_data(compressed)
                response.content_encoding = "gzip"
        return response(environ, start_response)


def _varying(start_response: StartResponse) -> StartResponse:
    """Adds the header ``Vary`` to a response; several are one to a client (RFC 9110, 5.3)."""

    def start(
        status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        return start_response(status, [*headers, ("Vary", "Accept-Encoding")], exc_info)

    return start


def _accepts_gzip(environ: WSGIEnvironment) -> bool:
    """Whether the client takes gzip, and does not rather have the answer as it is (RFC 9110, 12.5.3)."""
    if "HTTP_ACCEPT_ENCODING" not in environ:
        return False
    accepted = parse_accept_header(environ["HTTP_ACCEPT_ENCODING"])
    qualities = {name.lower(): quality for name, quality in accepted}
    wanted = qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0)))
    return wanted > 0 and wanted >= qualities.get("identity", 0)

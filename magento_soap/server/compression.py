"""Middleware that compresses responses for clients that ask for it.

It is our own because the published WSGI middlewares are unmaintained or belong to a web framework.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response

from .responses import with_header

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MIN_BYTES = 1024
"""A shorter response fits into one or two packets uncompressed."""
GZIP_LEVEL = 1
"""The fastest one: XML shrinks to a tenth, and the best level takes twice the time to save a little more."""
VARY = ("Vary", "Accept-Encoding")
"""Tells caches that the encoding depends on the request. The application may send ``Vary`` too (RFC 9110, 5.3)."""


class Compression:
    """Compresses responses with gzip if the client accepts it and the response becomes shorter.

    ``deflate`` is not offered: clients disagree on its format, and all that know it know ``gzip`` as well.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Return the response of the application, compressed if possible."""
        if not _accepts_gzip(environ):
            return self._app(environ, with_header(start_response, VARY))
        response = Response.from_app(self._app, environ, buffered=True)
        response.vary.add("Accept-Encoding")
        body = response.get_data()
        if len(body) >= MIN_BYTES and not response.content_encoding:
            compressed = gzip.compress(body, GZIP_LEVEL, mtime=0)
            if len(compressed) < len(body):
                response.set_data(compressed)
                response.content_encoding = "gzip"
        return response(environ, start_response)


def _accepts_gzip(environ: WSGIEnvironment) -> bool:
    """Whether the client accepts gzip and does not prefer an uncompressed response (RFC 9110, 12.5.3)."""
    if "HTTP_ACCEPT_ENCODING" not in environ:
        return False
    accepted = parse_accept_header(environ["HTTP_ACCEPT_ENCODING"])
    qualities = {name.lower(): quality for name, quality in accepted}
    wanted = qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0)))
    return wanted > 0 and wanted >= qualities.get("identity", 0)

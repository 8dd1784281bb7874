"""Middleware that compresses responses for clients that ask for it.

It is our own because the published WSGI middlewares are unmaintained or belong to a web framework.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from typing import TYPE_CHECKING

from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response

from .responses import with_header

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MIN_BYTES = 1024
"""A shorter response fits into one or two packets uncompressed."""
BUFFERED_BYTES = 64 * 1024
"""Of a response in several parts, not much more than this is kept in memory. A longer one is compressed as it comes."""
GZIP_FORMAT = 31
"""As zlib numbers the formats."""
GZIP_LEVEL = 1
"""The fastest one: XML shrinks to a tenth, and the best level takes twice the time to save a little more."""
VARY = ("Vary", "Accept-Encoding")
"""Tells caches that the encoding depends on the request. The application may send ``Vary`` too (RFC 9110, 5.3)."""


class Compression:
    """Compresses responses with gzip if the client accepts it and the response becomes shorter.

    Whether a long response in several parts becomes shorter is not known when it begins; it is compressed in any case.
    ``deflate`` is not offered: clients disagree on its format, and all that know it know ``gzip`` as well.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Return the response of the application, compressed if possible."""
        if not _accepts_gzip(environ):
            return self._app(environ, with_header(start_response, VARY))
        with ExitStack() as closing:
            response = _response(self._app, environ, closing)
            response.vary.add("Accept-Encoding")
            if _has_body(response, environ) and not response.content_encoding:
                _compress(response)
            if not response.is_sequence:  # the rest is read while it is sent
                response.call_on_close(closing.pop_all().close)
        return response(environ, start_response)


def _response(app: WSGIApplication, environ: WSGIEnvironment, closing: ExitStack) -> Response:
    """The response of the application, of which the first part has been read. ``closing`` closes it."""
    status, headers, written = "", list[tuple[str, str]](), list[bytes]()

    def start(
        new_status: str, new_headers: list[tuple[str, str]], _: OptExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        nonlocal status, headers
        status, headers = new_status, new_headers
        return written.append

    result = app(environ, start)
    if hasattr(result, "close"):
        closing.callback(result.close)
    parts = iter(result)
    first = next(parts, b"")  # an application may call ``start`` as late as that
    return Response(chain(written, [first], parts), status, headers)


def _has_body(response: Response, environ: WSGIEnvironment) -> bool:
    return environ["REQUEST_METHOD"] != "HEAD" and response.status_code not in (204, 304)


def _compress(response: Response) -> None:
    """Compress a response of one part, or of a few that are small, at once, and a longer one while it is being sent."""
    beginning, size = list[bytes](), 0
    parts = response.iter_encoded()
    for part in parts:
        beginning.append(part)
        size += len(part)
        if size > BUFFERED_BYTES and size > len(part):
            response.response = _compressed(chain(beginning, parts))
            response.content_encoding = "gzip"
            del response.content_length
            return
    body = b"".join(beginning)
    if size >= MIN_BYTES:
        compressed = gzip.compress(body, GZIP_LEVEL, mtime=0)
        if len(compressed) < size:
            body = compressed
            response.content_encoding = "gzip"
    response.set_data(body)


def _compressed(parts: Iterable[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, GZIP_FORMAT)
    for part in parts:
        if compressed := compressor.compress(part):
            yield compressed
    yield compressor.flush()


def _accepts_gzip(environ: WSGIEnvironment) -> bool:
    """Whether the client accepts gzip and does not prefer an uncompressed response (RFC 9110, 12.5.3)."""
    if "HTTP_ACCEPT_ENCODING" not in environ:
        return False
    accepted = parse_accept_header(environ["HTTP_ACCEPT_ENCODING"])
    qualities = {name.lower(): quality for name, quality in accepted}
    wanted = qualities.get("gzip", qualities.get("x-gzip", qualities.get("*", 0)))
    return wanted > 0 and wanted >= qualities.get("identity", 0)

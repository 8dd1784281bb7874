"""Runs the WSGI application for one complete request, with the standard library's implementation of PEP 3333."""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any
from wsgiref.handlers import BaseHandler
from wsgiref.headers import Headers

import structlog

from .connection import Exchange

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import WSGIApplication

log = structlog.get_logger(__name__)

PART_BYTES = 64 * 1024
"""The approximate size of the parts in which a long response is sent. A shorter response is sent at once."""
WITHOUT_BODY = (str(HTTPStatus.NO_CONTENT.value), str(HTTPStatus.NOT_MODIFIED.value))


def respond(application: WSGIApplication, exchange: Exchange) -> None:
    """Run the application and send its response. Never raises; any error closes the connection."""
    handler = _Handler(exchange)
    is_complete = False
    try:
        handler.run(application)
        is_complete = handler.is_complete
    except Exception:
        log.exception("a response could not be sent")
    exchange.finish(handler.unsent(), close=not is_complete or handler.closes)
    exchange.environ["wsgi.input"].close()


class _Handler(BaseHandler):
    status: str | None
    headers: Headers | None
    headers_sent: bool

    os_environ = {}  # noqa: RUF012 - declared so by the base class
    http_version = "1.1"
    server_software = "magento-soap"
    error_headers = [("Content-Type", "text/plain")]  # noqa: RUF012
    error_body = b"500 Internal Server Error\n"

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._parts: list[bytes] = []
        self._size = 0
        self._has_body = exchange.environ["REQUEST_METHOD"] != "HEAD"
        self._is_chunked = False
        self.closes = not exchange.keep_alive
        """Whether the connection is closed after the response."""
        self.is_complete = False
        """Whether the application has written the whole response."""

    def setup_environ(self) -> None:
        """Use the variables of the request."""
        self.environ = self._exchange.environ

    def cleanup_headers(self) -> None:
        """Declare how the body ends and whether the connection is closed."""
        super().cleanup_headers()
        assert self.headers is not None
        assert self.status is not None
        if self.status[:3] in WITHOUT_BODY:
            self._has_body = False
            del self.headers["Content-Length"]
        elif "Content-Length" not in self.headers and self._has_body:
            if self._exchange.version == "1.1":
                self._is_chunked = True
                self.headers["Transfer-Encoding"] = "chunked"
            else:
                self.closes = True
        if self.closes:
            self.headers["Connection"] = "close"
        elif self._exchange.version == "1.0":
            self.headers["Connection"] = "keep-alive"

    def write(self, data: bytes) -> None:
        """Send the headers before the first part, and each part in the encoding that they declare."""
        if not self.headers_sent:
            self.bytes_sent = len(data)
            self.send_headers()
        if not self._has_body or not data:
            return
        if self._is_chunked:
            self._write(b"%x\r\n%b\r\n" % (len(data), data))
        else:
            self._write(data)

    def finish_content(self) -> None:
        """End the body."""
        super().finish_content()
        if self._is_chunked:
            self._write(b"0\r\n\r\n")
        self.is_complete = True

    def unsent(self) -> bytes:
        """Remove and return what has been written but not sent."""
        data = b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        return data

    def _write(self, data: bytes) -> None:
        if self._size >= PART_BYTES:  # ``finish`` sends the last part without waiting
            self._exchange.write(self.unsent())
        self._parts.append(data)
        self._size += len(data)

    def _flush(self) -> None:
        """Do nothing: ``_write`` sends parts that are large enough."""

    def get_stdin(self) -> IO[bytes]:
        """The body of the request."""
        body: IO[bytes] = self._exchange.environ["wsgi.input"]
        return body

    def get_stderr(self) -> Any:
        """The error stream of the application."""
        return sys.stderr

    def add_cgi_vars(self) -> None:
        """Do nothing: the environment already has them."""

    def log_exception(self, exc_info: OptExcInfo) -> None:
        """Log an exception of the application."""
        log.error("the application failed", exc_info=exc_info)

"""Runs the WSGI application for one complete request; the standard library's handler does what PEP 3333 asks for."""

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
"""A response is sent in parts of about this size; a shorter one is sent at once."""
WITHOUT_BODY = (str(HTTPStatus.NO_CONTENT.value), str(HTTPStatus.NOT_MODIFIED.value))


def respond(application: WSGIApplication, exchange: Exchange) -> None:
    """Run the application and send its response. Never raises: whatever goes wrong ends the connection."""
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
        """Whether the response ends with the connection."""
        self.is_complete = False
        """Whether all of the response has been written."""

    def setup_environ(self) -> None:
        """Take the request's variables as they are."""
        self.environ = self._exchange.environ

    def cleanup_headers(self) -> None:
        """Say where the body ends, and whether the connection does."""
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
        """Send the head before the first part, and each part as the head has announced."""
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
        """What has been written and not sent, once."""
        data = b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        return data

    def _write(self, data: bytes) -> None:
        if self._size >= PART_BYTES:  # the last part is never waited for here: its thread is free at once
            self._exchange.write(self.unsent())
        self._parts.append(data)
        self._size += len(data)

    def _flush(self) -> None:
        """Parts are sent when they are large enough, or complete."""

    def get_stdin(self) -> IO[bytes]:
        """The body of the request."""
        body: IO[bytes] = self._exchange.environ["wsgi.input"]
        return body

    def get_stderr(self) -> Any:
        """Where the application may complain."""
        return sys.stderr

    def add_cgi_vars(self) -> None:
        """They are there."""

    def log_exception(self, exc_info: OptExcInfo) -> None:
        """Log what the application raised."""
        log.error("the application failed", exc_info=exc_info)

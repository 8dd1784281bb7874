"""A payment bridge: takes what the HTTP gateway of magento-soap asks for to a payment provider.

The provider, ``ExamplePay``, does not exist; put your provider's client in its place. Needs nothing but Python.
``BRIDGE_SECRET`` is the shop's ``http_gateway_secret``.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from decimal import Decimal
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIServer, make_server

MAX_BODY_BYTES = 64 * 1024
MAX_AGE_SECONDS = 300
TABLES = """
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, asked BLOB NOT NULL, answer BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS movements (key TEXT PRIMARY KEY, action TEXT NOT NULL, authorization TEXT, amount TEXT);
"""


class Declined(Exception):
    """The provider says no; the text is for the shop's client."""


class ExamplePay:
    """The fictitious provider: declines more than 1000 at once. As any good one it moves money once for each key."""

    def __init__(self, file: str) -> None:
        self._file = file

    def capture(self, key: str, authorization: str | None, amount: str) -> str:
        """Take the amount of what was authorized; the transaction's id."""
        if Decimal(amount) > 1000:
            raise Declined("Insufficient funds.")
        return self._move(key, "capture", authorization, amount)

    def void(self, key: str, authorization: str | None) -> str:
        """Give up what was authorized; the transaction's id."""
        return self._move(key, "void", authorization, None)

    def _move(self, key: str, action: str, authorization: str | None, amount: str | None) -> str:
        with closing(sqlite3.connect(self._file)) as database, database:
            movement = (key, action, authorization, amount)
            database.execute("INSERT OR IGNORE INTO movements VALUES (?, ?, ?, ?)", movement)
        return f"{action}-{key[:12]}"


class Bridge:
    """The WSGI application: verifies who asks, asks the provider, and says the same again to the same key."""

    def __init__(self, secret: str, file: str) -> None:
        self._secret = secret.encode()
        self._file = file
        self._provider = ExamplePay(file)
        with closing(sqlite3.connect(file)) as database:
            database.executescript(TABLES)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        """Answer a request of the shop's."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if environ["REQUEST_METHOD"] != "POST" or length > MAX_BODY_BYTES:
            start_response("400 Bad Request", [])
            return []
        body = environ["wsgi.input"].read(length)
        if not self._is_genuine(environ, body):
            start_response("401 Unauthorized", [])
            return []
        key = json.loads(body)["idempotency_key"]  # not from the header: the body is what is signed
        asked, answer = self._kept(key) or self._keep(key, body, self._ask(key, json.loads(body)))
        if asked != body:
            start_response("422 Unprocessable Entity", [])  # another request's key
            return []
        signature = self._signature(key, answer)
        start_response("200 OK", [("Content-Type", "application/json"), ("X-Magento-Soap-Signature", signature)])
        return [answer]

    def _is_genuine(self, environ: dict[str, Any], body: bytes) -> bool:
        """Whether it comes from the shop, and just now."""
        timestamp = environ.get("HTTP_X_MAGENTO_SOAP_TIMESTAMP", "")
        given = environ.get("HTTP_X_MAGENTO_SOAP_SIGNATURE", "")
        if not hmac.compare_digest(given.encode(), self._signature(timestamp, body).encode()):
            return False
        return abs(time.time() - int(timestamp)) <= MAX_AGE_SECONDS

    def _signature(self, prefix: str, body: bytes) -> str:
        return "sha256=" + hmac.new(self._secret, prefix.encode() + b"." + body, hashlib.sha256).hexdigest()

    def _ask(self, key: str, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            if asked["action"] == "capture":
                txn_id = self._provider.capture(key, asked["parent_transaction"], asked["amount"])
                return {"status": "captured", "transaction_id": txn_id, "details": {"provider": "ExamplePay"}}
            txn_id = self._provider.void(key, asked["parent_transaction"])
            return {"status": "voided", "transaction_id": txn_id}
        except Declined as refusal:
            return {"status": "declined", "message": str(refusal)}

    def _kept(self, key: str) -> tuple[bytes, bytes] | None:
        with closing(sqlite3.connect(self._file)) as database:
            found: tuple[bytes, bytes] | None = database.execute(
                "SELECT asked, answer FROM answers WHERE key = ?", (key,)
            ).fetchone()
        return found

    def _keep(self, key: str, body: bytes, answer: dict[str, Any]) -> tuple[bytes, bytes]:
        """Keep the answer, unless another request with this key was faster; what is kept now."""
        with closing(sqlite3.connect(self._file)) as database, database:
            kept = (key, body, json.dumps(answer).encode())
            database.execute("INSERT OR IGNORE INTO answers VALUES (?, ?, ?)", kept)
        return self._kept(key) or kept[1:]


class Server(ThreadingMixIn, WSGIServer):
    """A thread for each request."""

    daemon_threads = True


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--file", default="bridge.sqlite", help="where answers are kept")
    options = parser.parse_args()
    bridge = Bridge(os.environ["BRIDGE_SECRET"], options.file)
    with make_server("127.0.0.1", options.port, bridge, server_class=Server) as server:
        print(f"The bridge listens on http://127.0.0.1:{server.server_port}/", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()

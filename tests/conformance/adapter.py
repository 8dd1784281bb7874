"""The recorded shop, served by us: what ``replay.py`` of the recorded conversations plays against.

    replay.py --adapter tests/conformance/adapter.py --kind v2
    MAGENTO_SOAP_REPLAY_WSI=1 replay.py --adapter tests/conformance/adapter.py --kind wsi

``MAGENTO_SOAP_REPLAY_DATABASE`` names an empty database (default: a new SQLite file). Requests are made in process.
"""

from __future__ import annotations

import atexit
import gzip
import json
import os
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, event
from werkzeug.test import Client, EnvironBuilder

from magento_soap.app import create_app, create_worker
from magento_soap.settings import Settings
from magento_soap.storage import Database

if TYPE_CHECKING:
    from tests.mail_server import MailServer

FIXTURE = Path(__file__).with_name("shop.json.gz")
LAB_METHODS = {
    "labpay": "tests.lab_payments:LabPay",
    "labfail": "tests.lab_payments:LabFail",
    "labcrash": "tests.lab_payments:LabCrash",
}
WRITTEN = [
    *("sales_flat_order", "sales_flat_order_item", "sales_flat_order_payment", "sales_flat_order_status_history"),
    *("sales_flat_order_grid", "sales_flat_order_address", "sales_flat_invoice", "sales_flat_invoice_item"),
    *("sales_flat_invoice_comment", "sales_flat_invoice_grid", "sales_payment_transaction", "eav_entity_store"),
    *(f"sales_flat_shipment{part}" for part in ("", "_item", "_comment", "_grid", "_track")),
    *(f"sales_flat_creditmemo{part}" for part in ("", "_item", "_comment", "_grid")),
    *("cataloginventory_stock_item", "cataloginventory_stock_status"),
    *("salesrule", "salesrule_coupon", "salesrule_coupon_usage", "salesrule_customer"),
]
RECENT, OLD = timedelta(), timedelta(hours=2)
SESSIONS = [("1", 1, RECENT), ("2", 2, RECENT), ("3", 3, RECENT), ("4", 4, RECENT), ("5", 5, RECENT), ("9", 1, OLD)]


class RecordedShop:
    """The shop of the recordings on a database of ours; ``wsi`` is whether it is in WS-I mode."""

    def __init__(self, url: str) -> None:
        self._database = Database(url)
        self._database.create()
        self._database.load(json.loads(gzip.decompress(FIXTURE.read_bytes())))
        self._fixture = self._database.dump(WRITTEN)
        settings = Settings(
            database_url=url,
            fault_texts="openmage",
            payment_methods=LAB_METHODS,
            login_attempts=0,
            json_strings=True,  # as OpenMage sends them
        )
        wsi_settings = settings.model_copy(update={"wsi": True})
        self._apps = {of.wsi: create_app(of, self._database) for of in (settings, wsi_settings)}
        self._mail_server = _mail_server()
        smtp = {"smtp_host": "127.0.0.1", "smtp_port": self._mail_server.port}
        self._worker = create_worker(settings.model_copy(update=smtp), self._database)
        self.wsi = bool(os.environ.get("MAGENTO_SOAP_REPLAY_WSI"))
        self._read: dict[str, list[dict[str, Any]]] = {}
        for engine in (self._database.engine, self._database.read_engine):
            event.listen(engine, "before_cursor_execute", self._forget_what_changes)

    def reset(self) -> None:
        """The fixture's rows, counters and sessions."""
        now = datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
        sessions = [
            {"user_id": user_id, "logdate": f"{now - age:%Y-%m-%d %H:%M:%S}", "sessid": digit * 32}
            for digit, user_id, age in SESSIONS
        ]
        if any(self.rows(table) != self._fixture[table] for table in WRITTEN):
            self._database.load(self._fixture)
            self._read |= self._fixture
        own = ("magento_soap_outbox", "magento_soap_payment", "magento_soap_request")
        self._database.load({"api_session": sessions, **{table: [] for table in own}})

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """One request; the answer as status, headers and body."""
        sent = [(name, value) for name, value in headers.items() if name.lower() != "content-length"]
        location, _, query = path.partition("?")
        builder = EnvironBuilder(path=location, query_string=query, method=method, headers=sent, data=body)
        try:
            response = Client(self._apps[self.wsi]).open(builder)
        finally:
            builder.close()
        return response.status_code, dict(response.headers), response.get_data()

    def rows(self, table: str) -> list[dict[str, Any]]:
        """A table, decimals and times as text."""
        if table not in self._read:
            self._read |= self._database.dump([table])
        return self._read[table]

    def mails(self) -> list[dict[str, Any]]:
        """The mails that went out since the last call: ``to``, ``headers`` and ``text``."""
        self._worker.once()
        received = self._mail_server.mails[:]
        self._mail_server.mails.clear()
        return [
            {
                "to": [address.addr_spec for address in mail.message["To"].addresses],
                "headers": {name: str(mail.message[name]) for name in ("To", "Subject")},
                "text": mail.part("plain"),
            }
            for mail in received
        ]

    def _forget_what_changes(self, _connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        """Rows are read once until a statement may have changed them: most steps only read."""
        if not statement.startswith("SELECT") and any(table in statement for table in WRITTEN):
            self._read.clear()

    def close(self) -> None:
        """Close the connections to the database, and the mail server."""
        self._database.close()
        self._mail_server.__exit__(None, None, None)


def _mail_server() -> MailServer:
    from tests.mail_server import MailServer

    return MailServer().__enter__()


def make_shop() -> RecordedShop:
    """A fresh shop."""
    sys.path.insert(0, str(Path(__file__).parents[2]))  # payment methods and mail server are of the tests
    url = os.environ.get("MAGENTO_SOAP_REPLAY_DATABASE")
    if url is None:
        folder = tempfile.TemporaryDirectory()
        atexit.register(folder.cleanup)
        url = f"sqlite:///{folder.name}/shop.sqlite"
    return RecordedShop(url)

"""A payment gateway with a memory of its own, as a plugin: what it did outlives whoever asked it.

It honours idempotency keys: asked again with the same one, it answers the same and moves no money.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from magento_soap.sales.payment import CAPTURE, VOID, GatewayRequest, GatewayResult

FILE = "LAB_BANK"
"""The environment variable that names its file."""


@dataclass(frozen=True)
class Bank:
    """Captures, wholly or in part, and voids."""

    code: str
    is_gateway: bool = True
    can_capture: bool = True
    can_capture_partial: bool = True
    can_void: bool = True
    is_idempotent: bool = True

    def capture(self, request: GatewayRequest) -> GatewayResult:
        return GatewayResult(txn_id=f"cap-{self._move(CAPTURE, request)}", is_closed=False)

    def cancel(self, request: GatewayRequest) -> GatewayResult:
        return self.void(request)

    def void(self, request: GatewayRequest) -> GatewayResult:
        return GatewayResult(txn_id=f"void-{self._move(VOID, request)}", is_closed=True)

    def _move(self, action: str, request: GatewayRequest) -> int:
        """The number of the movement; the same one for the same key."""
        with closing(connect(Path(os.environ[FILE]))) as bank, bank:
            values = (request.idempotency_key, action, request.order_increment_id, str(request.base_amount))
            bank.execute("INSERT OR IGNORE INTO movement (key, action, of, amount) VALUES (?, ?, ?, ?)", values)
            (number,) = bank.execute("SELECT rowid FROM movement WHERE key = ?", values[:1]).fetchone()
        return int(number)


class CarelessBank(Bank):
    """Takes no notice of keys."""

    is_idempotent = False


def connect(file: Path) -> sqlite3.Connection:
    """The bank's books."""
    bank = sqlite3.connect(file)
    bank.execute("CREATE TABLE IF NOT EXISTS movement (key TEXT PRIMARY KEY, action TEXT, of TEXT, amount TEXT)")
    return bank


def movements(file: Path) -> list[tuple[str, str, Decimal | None]]:
    """What was moved: action, order and amount."""
    with closing(connect(file)) as bank:
        rows = bank.execute("SELECT action, of, amount FROM movement ORDER BY rowid").fetchall()
    return [(action, of, None if amount == "None" else Decimal(amount)) for action, of, amount in rows]

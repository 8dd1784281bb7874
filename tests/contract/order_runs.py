"""What the examples that take an order from its invoice to a refund print, and what they leave in the shop."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from magento_soap.demo.orders import EXAMPLE_ORDERS

EXAMPLES = Path(__file__).parents[2] / "examples"
OUTPUT = re.compile(
    r"order (?P<order>\d+): (?P<before>\d+)\.0000 of 1000\.0000 invoiced\n"
    r"invoice (?P<invoice>\d+)\nshipment (?P<shipment>\d+)\ntrack (?P<track>\d+): United Parcel Service\n"
    r"credit memo (?P<creditmemo>\d+)\n"
)

PIECES = """
    SELECT ordered.status, item.qty_invoiced, item.qty_shipped, item.qty_refunded, ordered.base_shipping_refunded
    FROM sales_flat_order ordered JOIN sales_flat_order_item item ON item.order_id = ordered.entity_id
    WHERE ordered.increment_id = ?
"""
DOCUMENTS = """
    SELECT invoice.state, shipment.total_qty, track.carrier_code, track.track_number, creditmemo.base_subtotal,
        creditmemo.order_id = ordered.entity_id
    FROM sales_flat_order ordered
    JOIN sales_flat_invoice invoice ON invoice.order_id = ordered.entity_id
    JOIN sales_flat_shipment shipment ON shipment.order_id = ordered.entity_id
    JOIN sales_flat_shipment_track track ON track.parent_id = shipment.entity_id
    JOIN sales_flat_creditmemo creditmemo ON creditmemo.increment_id = :creditmemo
    WHERE ordered.increment_id = :order AND invoice.increment_id = :invoice AND shipment.increment_id = :shipment
        AND track.entity_id = :track
"""


def check_run(example: str, output: str, database: Path, runs: int) -> None:
    """Check what the example printed, and that its order has lost a piece in each of so many runs."""
    printed = OUTPUT.fullmatch(output.replace("\r\n", "\n"))
    assert printed, output
    assert printed["order"] == EXAMPLE_ORDERS[example]
    assert int(printed["before"]) == runs - 1
    with closing(sqlite3.connect(database)) as shop:
        status, *pieces, shipping = shop.execute(PIECES, [printed["order"]]).fetchone()
        assert status == "partly_shipped"
        assert [float(qty) for qty in pieces] == [runs, runs, runs]
        assert float(shipping) == 0
        ((state, qty, *tracking, subtotal, is_of_order),) = shop.execute(DOCUMENTS, printed.groupdict()).fetchall()
    assert (state, float(qty), tracking, float(subtotal), is_of_order) == (2, 1, ["ups", "1Z999"], 36, 1)

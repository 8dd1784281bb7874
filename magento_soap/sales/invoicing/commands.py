"""What clients ask of invoicing, as data: independent of the protocol, and storable as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from magento_soap.sales.comment import Comment
from magento_soap.sales.item_names import ItemQuantities
from magento_soap.sales.ports import CaptureCase


@dataclass(frozen=True)
class CreateInvoice:
    """Invoice an order, wholly or in part.

    ``order_increment_id`` or ``order_id``, its entity id, names the order. ``quantities`` maps items to quantities: a
    number is an item's id, a text its id or SKU; None or empty means everything. ``capture_case`` None leaves the
    decision to the payment method (INV-4). A ``comment`` other than None gets a row, "" one without text;
    ``include_comment`` adds it to the mail. ``arguments`` are for extensions. ``collect_all_problems``: reject with
    every problem (M2-4) instead of the first.
    """

    order_increment_id: str = ""
    quantities: ItemQuantities | None = None
    comment: str | None = None
    notify: bool = False
    is_customer_notified: int | None = None
    include_comment: bool = False
    is_visible_on_front: bool = False
    capture_case: CaptureCase | None = None
    order_id: int | None = None
    arguments: Mapping[str, Any] | None = None
    collect_all_problems: bool = False

    def as_data(self) -> dict[str, Any]:
        """The command as JSON can store it."""
        data = asdict(self)
        if self.quantities is not None:
            data["quantities"] = {str(item): str(qty) for item, qty in self.quantities.items()}
        return data

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> CreateInvoice:
        """The command that ``as_data`` stored. Item ids have become texts, which name the same items."""
        quantities = data.get("quantities")
        if quantities is not None:
            quantities = {item: Decimal(qty) for item, qty in quantities.items()}
        return cls(**{**data, "quantities": quantities})


@dataclass(frozen=True)
class AddComment:
    """Comment on an invoice in any state; a comment that is None gets a row without text (API-33)."""

    invoice_increment_id: str
    comment: str | None = None
    notify: bool = False
    is_customer_notified: int | None = None
    include_comment: bool = False
    is_visible_on_front: bool = False


def comment_row(command: CreateInvoice | AddComment, now: datetime) -> Comment:
    """The command's comment as a new row of the invoice."""
    return Comment(
        comment=command.comment or None,
        is_customer_notified=command.is_customer_notified,
        is_visible_on_front=int(command.is_visible_on_front),
        created_at=now,
    )

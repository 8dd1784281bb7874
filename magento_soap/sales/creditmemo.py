"""A credit memo and its lines (``sales_flat_creditmemo``, ``sales_flat_creditmemo_item``)."""

from __future__ import annotations

from dataclasses import dataclass, field

from .document import PricedDocument, PricedLine
from .money import Amount

OPEN, REFUNDED, CANCELED = 1, 2, 3  # D14


@dataclass
class CreditMemoLine(PricedLine):
    """One refunded order item."""


@dataclass
class CreditMemo(PricedDocument):
    """One credit memo."""

    invoice_id: int | None = None
    adjustment_positive: Amount | None = None
    adjustment_negative: Amount | None = None
    adjustment: Amount | None = None
    lines: list[CreditMemoLine] = field(default_factory=list)

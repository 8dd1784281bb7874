"""What clients ask of orders, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AddOrderComment:
    """Comment on an order in any state, and give it a status (H1, H2).

    ``status`` is any word, or None to keep the present one; ``resets_status`` gives it the default status of its state.
    ``is_customer_notified`` is stored with the comment; ``notify`` sends a mail.
    """

    order_increment_id: str
    status: str | None = None
    resets_status: bool = False
    comment: str | None = None
    notify: bool = False
    is_customer_notified: int = 0

"""A comment on a document (``sales_flat_invoice_comment`` and the like)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass
class Comment:
    """One row of the table of comments; ``entity_id`` is None until it is stored."""

    comment: str | None
    is_customer_notified: int | None
    is_visible_on_front: int = 0
    created_at: datetime | None = None
    entity_id: int | None = None


class CommentCommand(Protocol):
    """A command that has a comment."""

    @property
    def comment(self) -> str | None: ...

    @property
    def include_comment(self) -> bool: ...


def mailed_comment(command: CommentCommand) -> str:
    """The comment as the mail shows it; "" if the mail does not (MAIL-4)."""
    return (command.comment or "") if command.include_comment else ""

"""What the services that create a document have in common: InvoiceOrder, ShipOrder, RefundOrder, RefundInvoice."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeVar

from magento_soap.api.client import Client
from magento_soap.api.idempotency import idempotency_key_of
from magento_soap.sales.ports import IdempotencyKey

from .access import Access, Right
from .errors import Call, reported_for
from .values import Arguments, boolean, each_of, integer, members, number, optional, required, string

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Stored(Protocol):
    """A stored document."""

    entity_id: int | None


C = TypeVar("C", bound="DataclassInstance")


class CreatingService(ABC):
    """Checks access, and turns arguments into a command. Raises WebapiError."""

    def __init__(self, access: Access, right: Right, call: Call) -> None:
        self._access = access
        self._right = right
        self._call = call

    def user_of(self, client: Client, token: str | None) -> int:
        """The id of the calling user, who may create such documents; HTTP Basic replaces a token (SES-20)."""
        return self._access.user_of(client, token, self._right)

    @abstractmethod
    def execute(self, client: Client, user_id: int, entity_id: str, arguments: Arguments) -> int:
        """Create a document of the order or invoice of that id, and return its entity id (M2-1)."""

    def _create(
        self, client: Client, user_id: int, command: C, create: Callable[[C, IdempotencyKey | None], Stored]
    ) -> int:
        with reported_for(self._call):
            key = idempotency_key_of(client, user_id, self._call.name, asdict(command))
            return int(create(command, key).entity_id or 0)


@dataclass(frozen=True)
class Creation:
    """The arguments that all of these services have.

    ``quantities`` None is all that is left (M2-2). ``mails_comment``: the mail to the customer has the comment.
    """

    quantities: dict[int, Decimal] | None
    notify: bool
    mails_comment: bool
    comment: str | None
    is_visible_on_front: bool


def creation_of(named: Arguments, document: str) -> Creation:
    """Read the arguments for a document such as ``Invoice``; of an item named twice the last quantity counts."""
    entries = each_of(named, "items", f"{document}ItemCreationInterface", "orderItemId", "qty")
    comment = members(named, "comment", f"{document}CommentCreationInterface", "comment", "isVisibleOnFront")
    notify = optional(boolean, named, "notify", False)
    return Creation(
        quantities={required(integer, entry, "orderItemId"): required(number, entry, "qty") for entry in entries}
        or None,
        notify=notify,
        mails_comment=optional(boolean, named, "appendComment", False) and notify,
        comment=optional(string, comment, "comment", None),
        is_visible_on_front=optional(boolean, comment, "isVisibleOnFront", False),
    )

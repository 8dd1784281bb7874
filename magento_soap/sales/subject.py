"""Which document something is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

EntityType: TypeAlias = Literal["order", "invoice", "shipment", "creditmemo"]
"""The kinds of documents, by their codes in ``eav_entity_type``."""


@dataclass(frozen=True)
class Subject:
    """The document that a mail is about: its entity type (``invoice``), which names a kind of mail, and its id.

    Mails about comments have the kind ``<entity type>_comment``.
    """

    entity_type: str
    entity_id: int

    def kind(self, *, is_comment: bool) -> str:
        """The template of the mail and its section of ``sales_email`` (MAIL-1)."""
        return f"{self.entity_type}_comment" if is_comment else self.entity_type


def subject_of(entity_type: EntityType, entity_id: int | None) -> Subject:
    """The stored document of that type and id. Raises ValueError for one that is not stored yet."""
    if entity_id is None:
        raise ValueError(f"the {entity_type} is not stored yet")
    return Subject(entity_type, entity_id)

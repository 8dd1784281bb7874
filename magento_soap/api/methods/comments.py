"""How clients send comments and flags with the documents of an order."""

from __future__ import annotations

from magento_soap.api.values import Value, flag, text
from magento_soap.sales.errors import InvalidArgument


def comment_text(value: Value) -> str | None:
    """The text of a comment. Raises InvalidArgument for a list or a map."""
    if isinstance(value, (list, dict)):
        raise InvalidArgument('Invalid value for "comment"; text is expected.')
    return None if value is None else text(value)


def notified(name: str, value: Value) -> int | None:
    """``is_customer_notified`` of a comment's row: a flag that was not sent stays NULL (DB-4)."""
    return None if value is None else int(flag(name, value))

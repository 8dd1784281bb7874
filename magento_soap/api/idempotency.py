"""Requests that may be repeated: the client gives them a key, and the same request again gets the first response."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

from magento_soap.sales.ports import IdempotencyKey

from .client import Client
from .values import Value, text


def idempotency_key_of(client: Client, user_id: int, path: str, arguments: Value) -> IdempotencyKey | None:
    """What the client calls its request, or None when it gave no key. Keys are each user's own.

    Where no keys are kept, a request with a MessageID is served as without one: it asks for nothing.
    """
    if client.idempotency_key is None:
        return None
    identity, content = [user_id, client.idempotency_key], [path, _plain(arguments)]
    return IdempotencyKey(_hash(identity), _hash(content), is_optional=client.is_message_id)


def _plain(value: Any) -> Any:
    """Values as every door may send them, alike where they mean the same.

    A value that is left out comes as null, as false, as an empty text or as an empty list, and numbers come as text.
    """
    if isinstance(value, dict) and value:
        return sorted((str(key), _plain(member)) for key, member in value.items())
    if isinstance(value, (list, tuple)) and value:
        return [_plain(entry) for entry in value]
    return str(value) if isinstance(value, Decimal) else text(value)


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()

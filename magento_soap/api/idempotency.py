"""Idempotency keys: a client names a request with one, and the same request again gets the first response."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

from magento_soap.sales.ports import IdempotencyKey

from .client import Client
from .values import Value, text


def idempotency_key_of(client: Client, user_id: int, path: str, arguments: Value) -> IdempotencyKey | None:
    """The idempotency key of a request, or None when the client gave none. Each user has keys of their own.

    A MessageID is an optional key: where no keys are kept, the request is served as without one.
    """
    if client.idempotency_key is None:
        return None
    identity, content = [user_id, client.idempotency_key], [path, _plain(arguments)]
    return IdempotencyKey(_hash(identity), _hash(content), is_optional=client.is_message_id)


def _plain(value: object) -> object:
    """A value in a form that is the same for every protocol.

    A value that is left out comes as null, as false, as an empty text or as an empty list, and numbers come as text.
    """
    if isinstance(value, dict) and value:
        return sorted((str(key), _plain(member)) for key, member in value.items())
    if isinstance(value, (list, tuple)) and value:
        return [_plain(entry) for entry in value]
    return str(value) if isinstance(value, Decimal) else text(value)


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()

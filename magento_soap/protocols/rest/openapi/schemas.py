"""The pieces that descriptions of services are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Schema: TypeAlias = "dict[str, Any]"

SECURITY: list[dict[str, list[str]]] = [{"token": []}, {"basic": []}]
EXTENSION_ATTRIBUTES: Schema = {"type": "object", "description": "Whatever extensions understand."}
ERROR: Schema = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "message": {"type": "string", "description": "With places that the parameters fill."},
        "errors": {"type": "array", "items": {"$ref": "#/definitions/error-response"}},
        "parameters": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
MEANINGS = {
    400: "Not understood or not allowed",
    401: "Not authorized",
    404: "No such entity",
    409: "A payment of the order is being settled",
    413: "Body too large",
    501: "Idempotency keys cannot be kept",
    503: "The order is being changed by another call, or the database cannot be reached",
}


@dataclass(frozen=True)
class Description:
    """What describes one service: its tag, its paths, and the definitions that they refer to."""

    service: str
    text: str
    paths: Mapping[str, Schema]
    definitions: Mapping[str, Schema]


def body(properties: Schema, required: Iterable[str] = ()) -> Schema:
    """The parameter for a body with these members; it may be left out where none is required."""
    schema: Schema = {"type": "object", "properties": properties}
    needed = list(required)
    if needed:
        schema["required"] = needed
    return {"name": "body", "in": "body", "required": bool(needed), "schema": schema}


def path_id(name: str, text: str) -> Schema:
    """The parameter for an entity id in the path."""
    return {"name": name, "in": "path", "type": "integer", "required": True, "description": text}


def query(name: str, kind: str, text: str) -> Schema:
    """An optional parameter of the query string."""
    return {"name": name, "in": "query", "type": kind, "required": False, "description": text}


def responses(answer: Schema, *errors: int) -> Schema:
    """What an operation answers: ``answer``, or one of these errors."""
    refused = {str(status): {"description": MEANINGS[status], "schema": ref("error-response")} for status in errors}
    unexpected = {"description": "Unexpected error", "schema": ref("error-response")}
    return {"200": {"description": "Done", "schema": answer}, **refused, "default": unexpected}


def closed(text: str, properties: Schema, required: Iterable[str] = ()) -> Schema:
    """An object with these members and ``extension_attributes``, and no others."""
    schema: Schema = {
        "type": "object",
        "description": text,
        "properties": properties | {"extension_attributes": EXTENSION_ATTRIBUTES},
        "additionalProperties": False,
    }
    needed = list(required)
    return schema | {"required": needed} if needed else schema


def flag(text: str) -> Schema:
    """A boolean."""
    return {"type": "boolean", "description": text}


def list_of(items: Schema, text: str) -> Schema:
    """A list."""
    return {"type": "array", "description": text, "items": items}


def ref(name: str) -> Schema:
    """One of the definitions."""
    return {"$ref": f"#/definitions/{name}"}

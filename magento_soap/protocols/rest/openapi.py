"""The description of the REST endpoint in Swagger 2.0, with the names that Magento 2 has for its own."""

from __future__ import annotations

from typing import Any

INVOICE_ORDER, ADMIN_TOKEN = "salesInvoiceOrderV1", "integrationAdminTokenServiceV1"
SERVICES = frozenset({INVOICE_ORDER, ADMIN_TOKEN, "all"})  # each gets the whole: without a token nothing can be called

ITEM = "sales-data-invoice-item-creation-interface"
COMMENT = "sales-data-invoice-comment-creation-interface"
ARGUMENTS = "sales-data-invoice-creation-arguments-interface"
EXTENSION_ATTRIBUTES = {"type": "object", "description": "Whatever extensions understand."}


def description(scheme: str, host: str, base_path: str) -> dict[str, Any]:
    """The document for a server that is reached there."""
    return {
        "swagger": "2.0",
        "info": {"version": "2.1", "title": "Magento Community"},
        "host": host,
        "basePath": base_path,
        "schemes": [scheme],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "tags": [
            {"name": INVOICE_ORDER, "description": "Invoices orders."},
            {"name": ADMIN_TOKEN, "description": "Signs in."},
        ],
        "paths": {
            "/V1/order/{orderId}/invoice": {"post": _execute()},
            "/V1/integration/admin/token": {"post": _create_token()},
        },
        "securityDefinitions": {
            "token": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "Bearer, a blank, and the token.",
            },
            "basic": {"type": "basic"},
        },
        "definitions": _definitions(),
    }


def _execute() -> dict[str, Any]:
    return {
        "tags": [INVOICE_ORDER],
        "operationId": f"{INVOICE_ORDER}ExecutePost",
        "description": "Creates an invoice for an order, in whole or in part.",
        "parameters": [
            {
                "name": "orderId",
                "in": "path",
                "type": "integer",
                "required": True,
                "description": "The order's entity id.",
            },
            {
                "name": "Idempotency-Key",
                "in": "header",
                "type": "string",
                "description": "Names the request; the same request again gets the first answer.",
            },
            _body(
                {
                    "capture": _flag("True captures the money through the gateway, false counts it as paid."),
                    "items": {
                        "type": "array",
                        "description": "What to invoice; everything that is left where there are none.",
                        "items": _ref(ITEM),
                    },
                    "notify": _flag("Whether the customer is told by e-mail."),
                    "appendComment": _flag("Whether the comment is in that e-mail."),
                    "comment": _ref(COMMENT),
                    "arguments": _ref(ARGUMENTS),
                }
            ),
        ],
        "security": [{"token": []}, {"basic": []}],
        "responses": _responses(
            {"type": "integer", "description": "The invoice's entity id."}, 400, 401, 404, 409, 413, 501, 503
        ),
    }


def _create_token() -> dict[str, Any]:
    return {
        "tags": [ADMIN_TOKEN],
        "operationId": f"{ADMIN_TOKEN}CreateAdminAccessTokenPost",
        "description": "Creates a token for an API user.",
        "parameters": [
            _body({"username": {"type": "string"}, "password": {"type": "string"}}, required=["username", "password"])
        ],
        "responses": _responses({"type": "string", "description": "The token."}, 400, 401, 413, 503),
    }


def _definitions() -> dict[str, Any]:
    return {
        ITEM: {
            "type": "object",
            "description": "A line of the invoice.",
            "required": ["order_item_id", "qty"],
            "properties": {
                "order_item_id": {"type": "integer", "description": "The order item's id."},
                "qty": {"type": "number", "description": "The quantity to invoice."},
                "extension_attributes": EXTENSION_ATTRIBUTES,
            },
            "additionalProperties": False,
        },
        COMMENT: {
            "type": "object",
            "description": "A comment on the invoice.",
            "required": ["comment"],
            "properties": {
                "comment": {"type": "string"},
                "is_visible_on_front": _flag("Whether the customer sees it."),
                "extension_attributes": EXTENSION_ATTRIBUTES,
            },
            "additionalProperties": False,
        },
        ARGUMENTS: {
            "type": "object",
            "description": "For extensions.",
            "properties": {"extension_attributes": EXTENSION_ATTRIBUTES},
            "additionalProperties": False,
        },
        "error-response": {
            "type": "object",
            "required": ["message"],
            "properties": {
                "message": {"type": "string", "description": "With places that the parameters fill."},
                "errors": {"type": "array", "items": _ref("error-response")},
                "parameters": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        },
    }


def _body(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties}
    return {
        "name": "body",
        "in": "body",
        "required": required is not None,
        "schema": schema if required is None else schema | {"required": required},
    }


def _responses(answer: dict[str, Any], *errors: int) -> dict[str, Any]:
    meanings = {
        400: "Not understood or not allowed",
        401: "Not authorized",
        404: "No such order",
        409: "A payment of the order is being settled",
        413: "Body too large",
        501: "Idempotency keys cannot be kept",
        503: "The order is being changed by another call, or the database cannot be reached",
    }
    refused = {str(status): {"description": meanings[status], "schema": _ref("error-response")} for status in errors}
    unexpected = {"description": "Unexpected error", "schema": _ref("error-response")}
    return {"200": {"description": "Done", "schema": answer}, **refused, "default": unexpected}


def _flag(text: str) -> dict[str, Any]:
    return {"type": "boolean", "description": text}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/definitions/{name}"}

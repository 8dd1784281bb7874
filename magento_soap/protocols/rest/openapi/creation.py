"""The services that create a document: InvoiceOrder, ShipOrder, RefundOrder, RefundInvoice."""

from __future__ import annotations

from .schemas import SECURITY, Description, Schema, body, closed, flag, list_of, path_id, ref, responses


def _description(
    service: str, text: str, *, path: str, of: Schema, document: str, verb: str, more: Schema, definitions: Schema
) -> Description:
    """A service that creates a ``document`` such as ``invoice`` of what the parameter ``of`` names.

    ``more`` are arguments besides the common ones, ``definitions`` those that they refer to.
    """
    names = {kind: f"sales-data-{document}-{kind}-creation-interface" for kind in ("item", "comment")}
    properties: Schema = {
        "items": list_of(ref(names["item"]), f"What to {verb}; everything that is left where there are none."),
        "notify": flag("Whether to notify the customer by e-mail."),
        "appendComment": flag("Whether the comment is in that e-mail."),
        "comment": ref(names["comment"]),
        "arguments": ref(f"sales-data-{document}-creation-arguments-interface"),
    }
    operation = {
        "tags": [service],
        "operationId": f"{service}ExecutePost",
        "description": text,
        "parameters": [
            of,
            {
                "name": "Idempotency-Key",
                "in": "header",
                "type": "string",
                "description": "Names the request; the same request again gets the first answer.",
            },
            body(more | properties),
        ],
        "security": SECURITY,
        "responses": responses(
            {"type": "integer", "description": "The entity id of what was created."},
            *(400, 401, 404, 409, 413, 501, 503),
        ),
    }
    common = {
        names["item"]: closed(
            "A line of the document.",
            {
                "order_item_id": {"type": "integer", "description": "The order item's id."},
                "qty": {"type": "number", "description": f"The quantity to {verb}."},
            },
            ["order_item_id", "qty"],
        ),
        names["comment"]: closed(
            "A comment on the document.",
            {"comment": {"type": "string"}, "is_visible_on_front": flag("Whether the customer sees it.")},
            ["comment"],
        ),
    }
    return Description(service, text, {path: {"post": operation}}, common | definitions)


ORDER_ID = path_id("orderId", "The order's entity id.")
INVOICE_ID = path_id("invoiceId", "The invoice's entity id.")
PACKAGE = "sales-data-shipment-package-creation-interface"
TRACK = "sales-data-shipment-track-creation-interface"
_CREDITMEMO_ARGUMENTS = "sales-data-creditmemo-creation-arguments-interface"
_RETURNED = "sales-data-creditmemo-creation-arguments-extension-interface"

INVOICE_ORDER = _description(
    "salesInvoiceOrderV1",
    "Creates an invoice for an order, in whole or in part.",
    path="/V1/order/{orderId}/invoice",
    of=ORDER_ID,
    document="invoice",
    verb="invoice",
    more={"capture": flag("True captures the money through the gateway, false counts it as paid.")},
    definitions={"sales-data-invoice-creation-arguments-interface": closed("For extensions.", {})},
)
SHIP_ORDER = _description(
    "salesShipOrderV1",
    "Creates a shipment for an order, in whole or in part.",
    path="/V1/order/{orderId}/ship",
    of=ORDER_ID,
    document="shipment",
    verb="ship",
    more={
        "tracks": list_of(ref(TRACK), "Tracking numbers."),
        "packages": list_of(ref(PACKAGE), "They have no effect."),
    },
    definitions={
        TRACK: closed(
            "A tracking number.",
            {
                "track_number": {"type": "string"},
                "title": {"type": "string"},
                "carrier_code": {"type": "string", "description": "One of the shop's carriers, or custom."},
            },
            ["track_number", "title", "carrier_code"],
        ),
        PACKAGE: closed("A package.", {}),
        "sales-data-shipment-creation-arguments-interface": closed("They have no effect.", {}),
    },
)
_REFUND: Schema = {
    _CREDITMEMO_ARGUMENTS: {
        "type": "object",
        "description": "Amounts in the base currency, and what goes back to the stock.",
        "properties": {
            "shipping_amount": {
                "type": "number",
                "description": "The shipping to refund; all that is left by default.",
            },
            "adjustment_positive": {"type": "number", "description": "An amount to refund besides."},
            "adjustment_negative": {"type": "number", "description": "A fee to keep back."},
            "extension_attributes": ref(_RETURNED),
        },
        "additionalProperties": False,
    },
    _RETURNED: {
        "type": "object",
        "properties": {
            "return_to_stock_items": list_of({"type": "integer"}, "The order items that go back to the stock.")
        },
    },
}
REFUND_ORDER = _description(
    "salesRefundOrderV1",
    "Creates a credit memo for an order, in whole or in part.",
    path="/V1/order/{orderId}/refund",
    of=ORDER_ID,
    document="creditmemo",
    verb="refund",
    more={},
    definitions=_REFUND,
)
REFUND_INVOICE = _description(
    "salesRefundInvoiceV1",
    "Creates a credit memo for an invoice, in whole or in part.",
    path="/V1/invoice/{invoiceId}/refund",
    of=INVOICE_ID,
    document="creditmemo",
    verb="refund",
    more={"isOnline": flag("Whether the payment gateway refunds the money, which is not available.")},
    definitions=_REFUND,
)
DESCRIPTIONS = (INVOICE_ORDER, SHIP_ORDER, REFUND_ORDER, REFUND_INVOICE)

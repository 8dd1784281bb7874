"""The operations of Magento's SOAP API as Spyne services: names, parts, answers, and the call into the API.

Names of operations, messages and parts are the WSDL's; a docstring is the operation's documentation in the WSDL, word
for word (Magento calls an invoice a shipment there). Parts that a client leaves out arrive as None.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from spyne import ServiceBase, rpc
from spyne.model.primitive import Unicode

from magento_soap.api.client import Client
from magento_soap.api.dispatcher import Api
from magento_soap.api.faults import MISSING_PARAMETER, ApiFault
from magento_soap.api.values import Value, collected

from .types import (
    AnyType,
    ArrayOfApis,
    ArrayOfExistsFaults,
    Filters,
    FixedArray,
    Flag,
    Invoice,
    InvoiceArray,
    MagentoInfo,
    MahoInfo,
    OrderItemIdQtyArray,
)
from .wrapped import Wrapping

_LAST = {"message_order": 1}
"""The messages of this operation follow those of its service's others in the WSDL, whatever the port type's order."""
_SAYS_TEXT = {"wrapping": Wrapping(returns=Unicode)}
"""What is a boolean in V2 is text in WS-I: "1" (API-34)."""


def _api(ctx: Any) -> Api:
    api: Api = ctx.app.api
    return api


def _client(ctx: Any) -> Client:
    client: Client = ctx.udc.client
    return client


def _v1_client(ctx: Any) -> Client:
    return replace(_client(ctx), speaks_v1=True)


class SessionService(ServiceBase):
    """Sessions, and what the API says of itself, in V2 and WS-I."""

    @rpc(Unicode, _returns=Flag, _out_variable_name="endSessionReturn")
    def endSession(ctx, sessionId: Value) -> bool:
        """End web service session"""
        return _api(ctx).end_session(sessionId)

    @rpc(Unicode, Unicode, _returns=Unicode, _out_variable_name="loginReturn")
    def login(ctx, username: Value, apiKey: Value) -> str:
        """Login user and retrieve session id"""
        return _api(ctx).login(_client(ctx), username, apiKey)

    @rpc(_returns=Unicode, _out_variable_name="startSessionReturn", _udd=_LAST)
    def startSession(ctx) -> str:
        """Start web service session"""
        return _api(ctx).start_session()

    @rpc(Unicode, _returns=ArrayOfApis, _in_message_name="resourcesRequest", _out_variable_name="resourcesReturn")
    def resources(ctx, sessionId: Value) -> list[Any]:
        """List of available resources"""
        return _api(ctx).resources(_client(ctx), sessionId)

    @rpc(Unicode, _returns=ArrayOfExistsFaults, _out_variable_name="globalFaultsReturn")
    def globalFaults(ctx, sessionId: Value) -> list[Any]:
        """List of global faults"""
        return _api(ctx).global_faults()

    @rpc(
        Unicode,
        Unicode,
        _returns=ArrayOfExistsFaults,
        _out_variable_name="resourceFaultsReturn",
        _udd={"wrapping": Wrapping(order=("sessionId", "resourceName"))},
    )
    def resourceFaults(ctx, resourceName: Value, sessionId: Value) -> list[Any]:
        """List of resource faults"""
        return _api(ctx).resource_faults(_client(ctx), sessionId, resourceName)


class CoreService(ServiceBase):
    """The installation."""

    @rpc(Unicode, _returns=MagentoInfo, _in_message_name="magentoInfoRequest", _out_variable_name="info")
    def magentoInfo(ctx, sessionId: Value) -> Any:
        """Info about current Magento installation"""
        return _api(ctx).call(_client(ctx), sessionId, "core_magento.info", [])


class MahoService(ServiceBase):
    """What Maho has beside ``magentoInfo``. It is always understood; WSDLs of Magento's namespaces do not show it."""

    @rpc(Unicode, _returns=MahoInfo, _in_message_name="mahoInfoRequest", _out_variable_name="info")
    def mahoInfo(ctx, sessionId: Value) -> Any:
        """Info about current Maho installation"""
        return _api(ctx).call(_client(ctx), sessionId, "core_maho.info", [])


def _call(ctx: Any, session_id: Value, method: str, **arguments: Value) -> Any:
    """Call a method of ``sales_order_invoice`` with its arguments by name.

    In WS-I a member that was not sent is not an argument that is null, but none (API-65).
    """
    client = _client(ctx)
    if ctx.udc.literal:
        arguments = {name: value for name, value in arguments.items() if value is not None}
        if session_id is None and client.username is None:
            raise ApiFault(MISSING_PARAMETER)
    return _api(ctx).call(client, session_id, f"sales_order_invoice.{method}", arguments)


class InvoiceService(ServiceBase):
    """Sales invoices in V2 and WS-I."""

    @rpc(
        Unicode,
        Filters,
        _returns=InvoiceArray,
        _in_message_name="salesOrderInvoiceListRequest",
        _out_variable_name="result",
        _udd={"wrapping": Wrapping(optional=("filters",))},
    )
    def salesOrderInvoiceList(ctx, sessionId: Value, filters: Value) -> Any:
        """Retrieve list of invoices by filters"""
        return _call(ctx, sessionId, "list", filters=filters)

    @rpc(
        Unicode,
        Unicode,
        _returns=Invoice,
        _in_message_name="salesOrderInvoiceInfoRequest",
        _out_variable_name="result",
    )
    def salesOrderInvoiceInfo(ctx, sessionId: Value, invoiceIncrementId: Value) -> Any:
        """Retrieve invoice information"""
        return _call(ctx, sessionId, "info", invoiceIncrementId=invoiceIncrementId)

    @rpc(
        Unicode,
        Unicode,
        OrderItemIdQtyArray,
        Unicode,
        Unicode,
        Unicode,
        _returns=Unicode,
        _in_message_name="salesOrderInvoiceCreateRequest",
        _out_variable_name="result",
        _udd={
            "wrapping": Wrapping(
                optional=("comment", "email", "includeComment"),
                # Magento's documents show a request with this name, which clients drop when the WSDL does not know it.
                other_names={"orderIncrementId": "invoiceIncrementId"},
            )
        },
    )
    def salesOrderInvoiceCreate(
        ctx,
        sessionId: Value,
        invoiceIncrementId: Value,
        itemsQty: Value,
        comment: Value,
        email: Value,
        includeComment: Value,
    ) -> Any:
        """Create new invoice for order"""
        return _call(
            ctx,
            sessionId,
            "create",
            orderIncrementId=invoiceIncrementId,  # the WSDL calls the order's number so
            itemsQty=itemsQty,
            comment=comment,
            email=email,
            includeComment=includeComment,
        )

    @rpc(
        Unicode,
        Unicode,
        Unicode,
        Unicode,
        Unicode,
        _returns=Flag,
        _in_message_name="salesOrderInvoiceAddCommentRequest",
        _out_variable_name="result",
        _udd={"wrapping": Wrapping(optional=("email", "includeComment"), returns=Unicode)},
    )
    def salesOrderInvoiceAddComment(
        ctx, sessionId: Value, invoiceIncrementId: Value, comment: Value, email: Value, includeComment: Value
    ) -> Any:
        """Add new comment to shipment"""
        return _call(
            ctx,
            sessionId,
            "addComment",
            invoiceIncrementId=invoiceIncrementId,
            comment=comment,
            email=email,
            includeComment=includeComment,
        )

    @rpc(
        Unicode,
        Unicode,
        _returns=Flag,
        _in_message_name="salesOrderInvoiceCaptureRequest",
        _out_variable_name="result",
        _udd=_SAYS_TEXT,
    )
    def salesOrderInvoiceCapture(ctx, sessionId: Value, invoiceIncrementId: Value) -> Any:
        """Capture invoice"""
        return _call(ctx, sessionId, "capture", invoiceIncrementId=invoiceIncrementId)

    @rpc(
        Unicode,
        Unicode,
        _returns=Flag,
        _in_message_name="salesOrderInvoiceVoidRequest",
        _out_variable_name="result",
        _udd=_SAYS_TEXT,
    )
    def salesOrderInvoiceVoid(ctx, sessionId: Value, invoiceIncrementId: Value) -> Any:
        """Void invoice"""
        return _call(ctx, sessionId, "void", invoiceIncrementId=invoiceIncrementId)

    @rpc(
        Unicode,
        Unicode,
        _returns=Flag,
        _in_message_name="salesOrderInvoiceCancelRequest",
        _out_variable_name="result",
        _udd=_SAYS_TEXT,
    )
    def salesOrderInvoiceCancel(ctx, sessionId: Value, invoiceIncrementId: Value) -> Any:
        """Cancel invoice"""
        return _call(ctx, sessionId, "cancel", invoiceIncrementId=invoiceIncrementId)


class CallService(ServiceBase):
    """V1: everything goes through ``call``, whose arguments and answer have no declared type."""

    @rpc(Unicode, Unicode, AnyType, _returns=AnyType, _out_variable_name="callReturn")
    def call(ctx, sessionId: Value, resourcePath: Value, args: Value) -> Any:
        """Call api functionality"""
        return collected(_api(ctx).call(_v1_client(ctx), sessionId, resourcePath, args))

    @rpc(Unicode, FixedArray, AnyType, _returns=FixedArray, _out_variable_name="multiCallReturn")
    def multiCall(ctx, sessionId: Value, calls: Value, options: Value) -> list[Any]:
        """Multiple calls of resource functionality"""
        return _api(ctx).multi_call(_v1_client(ctx), sessionId, calls, options)

    @rpc(Unicode, _returns=Flag, _out_variable_name="endSessionReturn")
    def endSession(ctx, sessionId: Value) -> bool:
        """End web service session"""
        return _api(ctx).end_session(sessionId)

    @rpc(Unicode, Unicode, _returns=Unicode, _out_variable_name="loginReturn")
    def login(ctx, username: Value, apiKey: Value) -> str:
        """Login user and retrieve session id"""
        return _api(ctx).login(_client(ctx), username, apiKey)

    @rpc(_returns=Unicode, _out_variable_name="startSessionReturn", _udd=_LAST)
    def startSession(ctx) -> str:
        """Start web service session"""
        return _api(ctx).start_session()

    @rpc(Unicode, _returns=FixedArray, _out_variable_name="resourcesReturn")
    def resources(ctx, sessionId: Value) -> list[Any]:
        """List of available resources"""
        return _api(ctx).resources(_client(ctx), sessionId)

    @rpc(Unicode, _returns=FixedArray, _out_variable_name="globalFaultsReturn")
    def globalFaults(ctx, sessionId: Value) -> list[Any]:
        """List of resource faults"""
        return _api(ctx).global_faults()

    @rpc(Unicode, Unicode, _returns=FixedArray, _out_variable_name="resourceFaultsReturn")
    def resourceFaults(ctx, resourceName: Value, sessionId: Value) -> list[Any]:
        """List of global faults"""
        return _api(ctx).resource_faults(_client(ctx), sessionId, resourceName)


V1_SERVICES: tuple[type[ServiceBase], ...] = (CallService,)
V2_SERVICES: tuple[type[ServiceBase], ...] = (SessionService, CoreService, MahoService, InvoiceService)

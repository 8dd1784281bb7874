"""How a service class declares its operations: decorators over ``spyne.rpc``.

``ResourceOperations`` declares the V2 operations of one resource. The signature of the decorated function has the parts
with their types, and the type of the result; its docstring is the operation's documentation in the WSDL. It needs no
body: message names, the form in WS-I, the API path and the call are derived. ::

    operation = ResourceOperations("sales_order_invoice")

    class InvoiceService(ServiceBase):
        @operation()
        def salesOrderInvoiceInfo(ctx, sessionId: Text, invoiceIncrementId: Text) -> Invoice:
            \"\"\"Retrieve invoice information\"\"\"

``session_operation`` derives an operation from the declaration that it shares with the other protocols
(``api.operations``). What cannot be derived is passed to the decorator. Spyne keeps it as a ``Declaration``, which
``interface`` reads.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from spyne import MethodContext, rpc

from magento_soap.api.faults import MISSING_PARAMETER, ApiFault
from magento_soap.api.operations import SESSION_OPERATIONS, Caller, Kind
from magento_soap.api.values import Value

from .types.common import AnyType, FixedArray, Flag, SpyneType, Text

SpyneMethod = SpyneType
"""A method of a service as ``spyne.rpc`` makes it, to be assigned in the body of a service class."""

PART_TYPES: Mapping[Kind, SpyneType] = {
    "session": Text,
    "string": Text,
    "boolean": Flag,
    "array": FixedArray,
    "any": AnyType,
}
"""The SOAP type of what ``api.operations`` declares."""


@dataclass(frozen=True)
class Declaration:
    """What an operation declares besides names, types and documentation.

    ``path`` in the API, and the API's names of the ``arguments`` behind the session; operations on sessions have none.
    In WS-I: the ``order`` of the parts, which are ``optional``, ``other_names`` under which a part may be sent as well,
    ``types`` of parts that are not those of V2, ``returns``, the type of the result, and a ``title`` of its own.
    ``messages_last``: in the WSDL, the messages follow those of the service's other operations, whatever the order of
    the operations.
    """

    path: str | None = None
    arguments: Sequence[str] = ()
    order: Sequence[str] = ()
    optional: Sequence[str] = ()
    other_names: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, SpyneType] = field(default_factory=dict)
    returns: SpyneType = None
    title: str | None = None
    messages_last: bool = False


class ResourceOperations:
    """A decorator for the V2 operations of one API resource.

    ``prefix`` is how their names begin: by default ``salesOrderInvoice`` for ``sales_order_invoice``. The rest names
    the method: ``salesOrderInvoiceAddComment`` is ``sales_order_invoice.addComment``. ``result`` is the part of every
    response.
    """

    def __init__(self, resource: str, *, prefix: str | None = None, result: str = "result") -> None:
        self._resource = resource
        self._prefix = prefix or re.sub("_(.)", lambda match: match[1].upper(), resource)
        self._result = result

    def __call__(
        self,
        *,
        renamed: Mapping[str, str] | None = None,
        optional: Sequence[str] = (),
        other_names: Mapping[str, str] | None = None,
        wsi_types: Mapping[str, SpyneType] | None = None,
        wsi_required: Sequence[str] = (),
        wsi_returns: SpyneType = None,
        wsi_title: str | None = None,
        result: str | None = None,
        as_pairs: bool = False,
    ) -> Callable[[Callable[..., object]], SpyneMethod]:
        """Declare an operation whose first part is the session.

        ``renamed`` has the API's names of arguments that the parts call otherwise. ``result`` is the part of this
        operation's response where it is not that of the resource; ``as_pairs``: the API's map becomes an array of keys
        and values. The rest is WS-I's: see ``Declaration``. Arguments that are ``wsi_required`` must be sent there,
        whatever the API's defaults. Raises ValueError for a name without the prefix.
        """

        def declare(function: Callable[..., object]) -> SpyneMethod:
            signature = inspect.signature(function, eval_str=True)
            _, *parts = signature.parameters.values()  # the first is Spyne's context
            arguments = [(renamed or {}).get(part.name, part.name) for part in parts[1:]]
            path = self._path(function.__name__)
            call = _call_of(path, arguments, frozenset(wsi_required), as_pairs=as_pairs)
            call.__name__, call.__doc__ = function.__name__, function.__doc__
            declaration = Declaration(
                path, arguments, (), optional, other_names or {}, wsi_types or {}, wsi_returns, wsi_title
            )
            return rpc(
                *(part.annotation for part in parts),
                _args=[part.name for part in parts],
                _returns=signature.return_annotation,
                _in_message_name=f"{function.__name__}Request",
                _out_variable_name=result or self._result,
                _udd={"declaration": declaration},
            )(call)

        return declare

    def _path(self, operation: str) -> str:
        method = operation.removeprefix(self._prefix)
        if not method or method == operation:
            raise ValueError(f"{operation} does not begin with {self._prefix}")
        return f"{self._resource}.{method[0].lower()}{method[1:]}"


def _call_of(
    path: str, arguments: Sequence[str], wsi_required: frozenset[str], *, as_pairs: bool
) -> Callable[..., object]:
    """The function that calls an API method with its arguments by name.

    In WS-I, a part that was not sent is not passed at all, rather than as null, and a missing session is a missing
    parameter (API-65). A method without arguments leaves the session to the API.
    """

    def call(ctx: MethodContext, session_id: Value, *values: Value) -> object:
        client = ctx.udc.client
        if not arguments:
            return ctx.app.api.call(client, session_id, path, [])
        named = dict(zip(arguments, values, strict=True))
        if ctx.udc.literal:
            named = {name: value for name, value in named.items() if value is not None}
            if (session_id is None and client.username is None) or not wsi_required <= named.keys():
                raise ApiFault(MISSING_PARAMETER)
        result = ctx.app.api.call(client, session_id, path, named)
        return [{"key": key, "value": value} for key, value in result.items()] if as_pairs else result

    return call


def session_operation(
    name: str,
    returns: SpyneType = None,
    *,
    title: str | None = None,
    request: str | None = None,
    order: Sequence[str] = (),
    wsi_order: Sequence[str] = (),
    messages_last: bool = False,
    v1: bool = False,
) -> SpyneMethod:
    """The SOAP form of an operation that all protocols have.

    ``returns`` its type where it is more than an array of anything; its ``title``, the name of its ``request`` message
    and the ``order`` of its parts where they are not those of the declaration. ``v1``: clients may leave out what only
    newer documents require.
    """
    operation = SESSION_OPERATIONS[name]
    names = [parameter.name for parameter in operation.parameters]
    kinds = {parameter.name: parameter.kind for parameter in operation.parameters}
    positions = [(order or names).index(part) for part in names]

    def call(ctx: MethodContext, *values: Value) -> object:
        client = replace(ctx.udc.client, speaks_v1=True) if v1 else ctx.udc.client
        return operation.run(Caller(ctx.app.api, client), *(values[position] for position in positions))

    call.__name__, call.__doc__ = name, title or operation.title
    return rpc(
        *(PART_TYPES[kinds[part]] for part in order or names),
        _args=list(order or names),
        _returns=PART_TYPES[operation.returns] if returns is None else returns,
        _in_message_name=request or name,
        _out_variable_name=f"{name}Return",
        _udd={"declaration": Declaration(order=wsi_order, messages_last=messages_last)},
    )(call)

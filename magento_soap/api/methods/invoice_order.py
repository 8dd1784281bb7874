"""Magento 2's service InvoiceOrder: from JSON values to the domain's command, from its errors to Magento 2's (M2).

Behind it are the same users, the same rights and the same invoices as behind Magento 1's API: a token is a session, and
``Magento_Sales::sales`` is the right to create invoices, with ``capture`` also that to capture them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from typing import TypeVar

from magento_soap.api.acl import Acl
from magento_soap.api.arguments import NUMBER
from magento_soap.api.client import Client
from magento_soap.api.faults import ApiFault, unexpected
from magento_soap.api.idempotency import idempotency_key_of
from magento_soap.api.sessions import Sessions
from magento_soap.api.values import shown
from magento_soap.sales.errors import (
    CannotInvoice,
    CannotNumber,
    IdempotencyKeyReused,
    IdempotencyKeysNotKept,
    InvalidQuantity,
    InvoiceRejected,
    OrderNotFound,
    OutcomeUnknown,
    PaymentBeingSettled,
    SalesError,
    TryAgainLater,
    excerpt,
)
from magento_soap.sales.invoicing.commands import CreateInvoice
from magento_soap.sales.invoicing.service import InvoiceService

from .invoices import ACL

Arguments = Mapping[str, object]
T = TypeVar("T")
D = TypeVar("D")

SALES = "Magento_Sales::sales"
LARGEST_ID = 2**32 - 1  # of Magento's columns
INTEGER = re.compile(r"-?[0-9]{1,18}")
SPELLED_BOOLEANS = {"0": False, "1": True, "false": False, "true": True}

NOT_SIGNED_IN = (
    "The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later."
)
NOT_AUTHORIZED = "Consumer is not authorized to access %resources"
NO_SUCH_ENTITY = "Requested entity doesn't exist"
NOT_SAVED = "Could not save an invoice, see error log for details"
REJECTED = "Invoice Document Validation Error(s):"
REQUIRED = '"%fieldName" is required. Enter and try again.'
SEVERAL = "One or more input exceptions have occurred."
NOT_READ = 'Error occurred during "%fieldName" processing. %details'
WRONG_TYPE = 'The "{}" value\'s type is invalid. The "{}" type was expected. Verify and try again.'
NO_SUCH_PROPERTY = 'Property "{}" does not have accessor method "get{}" in class "Magento\\Sales\\Api\\Data\\{}".'


class WebapiError(Exception):
    """An error in Magento 2's form: ``message`` has places such as ``%fieldName`` that ``parameters`` fill.

    ``errors`` are further messages, where one is not enough.
    """

    def __init__(
        self,
        status: int,
        message: str,
        parameters: Mapping[str, str] | None = None,
        errors: Sequence[WebapiError] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.parameters = parameters
        self.errors = tuple(errors)

    def as_json(self) -> dict[str, object]:
        """The body of the answer."""
        body: dict[str, object] = {"message": self.message}
        if self.errors:
            body["errors"] = [error.as_json() for error in self.errors]
        if self.parameters:
            body["parameters"] = dict(self.parameters)
        return body


class InvoiceOrder:
    """The service: checks access, and turns arguments into commands. Raises WebapiError."""

    def __init__(self, sessions: Sessions, acl: Acl, service: InvoiceService) -> None:
        self._sessions = sessions
        self._acl = acl
        self._service = service

    def token(self, client: Client, arguments: Arguments) -> str:
        """Sign in with ``username`` and ``password``, an API user and its key; the token is a session id."""
        given = {name: _optional(_text, arguments, name, "") for name in ("username", "password")}
        missing = [WebapiError(400, REQUIRED, {"fieldName": name}) for name, value in given.items() if not value]
        if len(missing) == 1:
            raise missing[0]
        if missing:
            raise WebapiError(400, SEVERAL, errors=missing)
        try:
            return self._sessions.login(client, given["username"], given["password"])
        except ApiFault as fault:
            raise WebapiError(401, NOT_SIGNED_IN) from fault

    def user_of(self, client: Client, token: str | None) -> int:
        """The id of the calling user, who may create invoices; HTTP Basic replaces a token (SES-20)."""
        try:
            user_id = self._sessions.user_of(client, token)
        except ApiFault as fault:
            raise _not_authorized() from fault
        self._check_right(user_id, "create")
        return user_id

    def execute(self, client: Client, user_id: int, order_id: str, arguments: Arguments) -> int:
        """Invoice an order, wholly or in part, and return the invoice's entity id (M2-1)."""
        command = command_of(order_id, arguments)
        if command.capture_case == "online":
            self._check_right(user_id, "capture")
        with _errors_of_magento_2():
            key = idempotency_key_of(client, user_id, "salesInvoiceOrderV1Execute", asdict(command))
            invoice = self._service.create(command, key)
        return int(invoice.entity_id or 0)

    def _check_right(self, user_id: int, name: str) -> None:
        if not self._acl.allows(user_id, (ACL, f"{ACL}/{name}")):
            raise _not_authorized()


def command_of(order_id: str, arguments: Arguments) -> CreateInvoice:
    """The command that the arguments make; names may be written ``appendComment`` or ``append_comment`` (M2-8).

    An argument that is null counts as left out, one that the service does not have is ignored. Raises WebapiError.
    """
    named = _camel_case(arguments)
    entity_id = _read(_integer, "orderId", order_id)
    if not 0 < entity_id <= LARGEST_ID:
        raise WebapiError(404, NO_SUCH_ENTITY)
    comment = _members(named, "comment", "InvoiceCommentCreationInterface", "comment", "isVisibleOnFront")
    extra = _members(named, "arguments", "InvoiceCreationArgumentsInterface")
    extension_attributes = _object(extra, "extensionAttributes", "InvoiceCreationArgumentsExtensionInterface")
    notify = _optional(_boolean, named, "notify", False)
    mails_comment = _optional(_boolean, named, "appendComment", False) and notify
    return CreateInvoice(
        order_id=entity_id,
        quantities=_quantities(named),
        comment=_optional(_text, comment, "comment", None),
        notify=notify,
        is_customer_notified=int(mails_comment),
        include_comment=mails_comment,
        is_visible_on_front=_optional(_boolean, comment, "isVisibleOnFront", False),
        capture_case="online" if _optional(_boolean, named, "capture", False) else "offline",  # M2-3
        arguments={"extension_attributes": extension_attributes} if extension_attributes else None,
        collect_all_problems=True,
    )


def _quantities(named: Arguments) -> dict[int, Decimal] | None:
    """Order item id to quantity, None for all that is left (M2-2); of an item named twice the last quantity counts."""
    items = named.get("items")
    if not items:
        items = []
    if not isinstance(items, list):
        raise _not_read("items", _wrong_type(items, "InvoiceItemCreationInterface[]"))
    entries = [
        _members({"items": entry}, "items", "InvoiceItemCreationInterface", "orderItemId", "qty") for entry in items
    ]
    return {_required(_integer, entry, "orderItemId"): _required(_number, entry, "qty") for entry in entries} or None


def _members(named: Arguments, name: str, interface: str, *allowed: str) -> Arguments:
    """The members of an object among the arguments, by their names in camelCase."""
    members = _camel_case(_object(named, name, interface))
    for member in members:
        if member not in (*allowed, "extensionAttributes"):
            title = excerpt(member[:1].upper() + member[1:])
            raise _not_read(name, NO_SUCH_PROPERTY.format(title, title, interface))
    return members


def _object(named: Arguments, name: str, interface: str) -> Arguments:
    """An object among the arguments; {} for null and for PHP's empty array."""
    value = named.get(name)
    if value is None or value == []:
        return {}
    if not isinstance(value, dict):
        raise _not_read(name, _wrong_type(value, interface))
    return value


def _camel_case(arguments: Arguments) -> dict[str, object]:
    return {re.sub("_([a-z0-9])", lambda found: found[1].upper(), name): value for name, value in arguments.items()}


# Values, as strict as PHP's types in Magento 2: what was written as text counts where it can mean only one thing.


def _optional(read: Callable[[object], T], named: Arguments, name: str, default: D) -> T | D:
    value = named.get(name)
    return default if value is None else _read(read, name, value)


def _required(read: Callable[[object], T], named: Arguments, name: str) -> T:
    if named.get(name) is None:
        raise WebapiError(400, REQUIRED, {"fieldName": name})
    return _read(read, name, named[name])


def _read(read: Callable[[object], T], name: str, value: object) -> T:
    try:
        return read(value)
    except TypeError as wrong:
        raise _not_read(name, str(wrong)) from None


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    spelled = SPELLED_BOOLEANS.get(str(value)) if isinstance(value, (int, str)) else None
    if spelled is None:
        raise TypeError(_wrong_type(value, "bool"))
    return spelled


def _integer(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not INTEGER.fullmatch(str(value)):
        raise TypeError(_wrong_type(value, "int"))
    return int(value)


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or not NUMBER.fullmatch(str(value)):
        raise TypeError(_wrong_type(value, "float"))
    return Decimal(str(value))


def _text(value: object) -> str:
    if isinstance(value, (bool, list, dict)):
        raise TypeError(_wrong_type(value, "string"))
    return str(value)


def _wrong_type(value: object, expected: str) -> str:
    return WRONG_TYPE.format(shown(value), expected)


# Errors


def _not_read(name: str, details: str) -> WebapiError:
    return WebapiError(400, NOT_READ, {"fieldName": name, "details": details})


def _not_authorized() -> WebapiError:
    return WebapiError(401, NOT_AUTHORIZED, {"resources": SALES})


@contextmanager
def _errors_of_magento_2() -> Iterator[None]:
    """Raise the domain's errors with Magento 2's messages (M2-4, M2-5)."""
    try:
        yield
    except OrderNotFound as error:
        raise WebapiError(404, NO_SUCH_ENTITY) from error
    except InvoiceRejected as error:
        raise WebapiError(400, "\n".join((REJECTED, *error.messages))) from error
    except (CannotInvoice, CannotNumber, InvalidQuantity) as error:
        raise WebapiError(400, f"{REJECTED}\n{error}") from error
    except IdempotencyKeyReused as error:
        raise WebapiError(400, str(error)) from error
    except IdempotencyKeysNotKept as error:
        raise WebapiError(501, str(error)) from error
    except PaymentBeingSettled as error:
        raise WebapiError(409, str(error)) from error
    except (TryAgainLater, OutcomeUnknown):
        raise  # whatever the database was needed for
    except SalesError as error:  # its own words are for the client: a card was declined, say
        raise WebapiError(400, NOT_SAVED, errors=[WebapiError(400, str(error))]) from error
    except Exception as error:
        fault = unexpected(error, call="salesInvoiceOrderV1Execute")
        raise WebapiError(400, NOT_SAVED, errors=[WebapiError(400, fault.message)]) from error

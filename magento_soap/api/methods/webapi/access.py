"""Tokens, and the rights of their users.

A token is a session of Magento 1's API. A resource of Magento 2's access control stands for rights of Magento 1's.
"""

from __future__ import annotations

from dataclasses import dataclass

from magento_soap.api.acl import Acl
from magento_soap.api.client import Client
from magento_soap.api.faults import ApiFault
from magento_soap.api.sessions import Sessions

from .errors import WebapiError
from .values import REQUIRED, Arguments, optional, string

NOT_SIGNED_IN = (
    "The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later."
)
NOT_AUTHORIZED = "Consumer is not authorized to access %resources"
SEVERAL = "One or more input exceptions have occurred."


@dataclass(frozen=True)
class Right:
    """What a call needs: Magento 2's name for it, and the rights of Magento 1 that it stands for, all of them."""

    resource: str
    acl: tuple[str, ...]


class Access:
    """Signs users in, and checks their rights. Raises WebapiError."""

    def __init__(self, sessions: Sessions, acl: Acl) -> None:
        self._sessions = sessions
        self._acl = acl

    def token(self, client: Client, arguments: Arguments) -> str:
        """Sign in with ``username`` and ``password``, an API user and its key; the token is a session id."""
        given = {name: optional(string, arguments, name, "") for name in ("username", "password")}
        missing = [WebapiError(400, REQUIRED, {"fieldName": name}) for name, value in given.items() if not value]
        if len(missing) == 1:
            raise missing[0]
        if missing:
            raise WebapiError(400, SEVERAL, errors=missing)
        try:
            return self._sessions.login(client, given["username"], given["password"])
        except ApiFault as fault:
            raise WebapiError(401, NOT_SIGNED_IN) from fault

    def user_of(self, client: Client, token: str | None, right: Right) -> int:
        """The id of the calling user, who has the right; HTTP Basic replaces a token (SES-20)."""
        try:
            user_id = self._sessions.user_of(client, token)
        except ApiFault as fault:
            raise _not_authorized(right) from fault
        self.check(user_id, right)
        return user_id

    def check(self, user_id: int, right: Right) -> None:
        """Refuse a user who does not have the right."""
        if not self._acl.allows(user_id, right.acl):
            raise _not_authorized(right)


def _not_authorized(right: Right) -> WebapiError:
    return WebapiError(401, NOT_AUTHORIZED, {"resources": right.resource})

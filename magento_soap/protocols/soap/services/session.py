"""The operations on sessions, in V1 and in V2, and V1's ``call``.

They derive from ``api.operations``. V1 knows arrays of anything only; V2 declares what the API lists of itself.
"""

from spyne import ServiceBase

from magento_soap.protocols.soap.declaration import session_operation
from magento_soap.protocols.soap.types.common import V1_TYPES, V2_TYPES
from magento_soap.protocols.soap.types.session import TYPES, ArrayOfApis, ArrayOfExistsFaults

RESOURCE_FIRST = ("resourceName", "sessionId")
SESSION_FIRST = ("sessionId", "resourceName")


class CallService(ServiceBase):
    """V1: everything goes through ``call``, whose arguments and result have no declared type."""

    types = V1_TYPES

    call = session_operation("call", title="Call api functionality", v1=True)
    multiCall = session_operation("multiCall", v1=True)
    endSession = session_operation("endSession")
    login = session_operation("login")
    startSession = session_operation("startSession", messages_last=True)
    resources = session_operation("resources")
    # Magento's V1 has the titles of these two the wrong way round.
    globalFaults = session_operation("globalFaults", title="List of resource faults")
    resourceFaults = session_operation("resourceFaults", title="List of global faults", order=RESOURCE_FIRST)


class SessionService(ServiceBase):
    """V2 and WS-I: sessions, and what the API lists of itself."""

    types = (*V2_TYPES, *TYPES)  # the types that all resources share come first

    endSession = session_operation("endSession")
    login = session_operation("login")
    startSession = session_operation("startSession", messages_last=True)
    resources = session_operation("resources", ArrayOfApis, request="resourcesRequest")
    globalFaults = session_operation("globalFaults", ArrayOfExistsFaults)
    resourceFaults = session_operation(
        "resourceFaults", ArrayOfExistsFaults, order=RESOURCE_FIRST, wsi_order=SESSION_FIRST
    )

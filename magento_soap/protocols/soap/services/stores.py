"""The operations of store views in V2 and WS-I."""

from spyne import ServiceBase

from magento_soap.protocols.soap.declaration import ResourceOperations
from magento_soap.protocols.soap.types.common import Text
from magento_soap.protocols.soap.types.stores import TYPES, Store, StoreArray

stores = ResourceOperations("core_store", prefix="store", result="stores")
store = ResourceOperations("core_store", prefix="store", result="info")


class StoreService(ServiceBase):
    """Store views."""

    types = TYPES

    @stores()
    def storeList(ctx, sessionId: Text) -> StoreArray:
        """List of stores"""

    @store()
    def storeInfo(ctx, sessionId: Text, storeId: Text) -> Store:
        """Store view info"""

"""The operations about the installation in V2 and WS-I."""

from spyne import ServiceBase

from magento_soap.protocols.soap.declaration import ResourceOperations
from magento_soap.protocols.soap.types.common import Text
from magento_soap.protocols.soap.types.magento import TYPES, MagentoInfo, MahoInfo

magento = ResourceOperations("core_magento", prefix="magento", result="info")
maho = ResourceOperations("core_maho", prefix="maho", result="info")


class CoreService(ServiceBase):
    """The installation."""

    types = TYPES

    @magento()
    def magentoInfo(ctx, sessionId: Text) -> MagentoInfo:
        """Info about current Magento installation"""


class MahoService(ServiceBase):
    """What Maho has beside ``magentoInfo``. It can always be called; WSDLs of Magento's namespaces do not show it."""

    types = TYPES

    @maho()
    def mahoInfo(ctx, sessionId: Text) -> MahoInfo:
        """Info about current Maho installation"""

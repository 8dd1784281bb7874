"""The types of the installation: which Magento this is, or which Maho."""

from __future__ import annotations

from .common import Text, struct

MagentoInfo = struct("magentoInfoEntity", magento_version=Text, magento_edition=Text)
MahoInfo = struct("mahoInfoEntity", maho_version=Text)

TYPES = (MagentoInfo, MahoInfo)

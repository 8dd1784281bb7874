"""The one method of ``core_magento`` that connectors call: which Magento is this?"""

from __future__ import annotations

from .resources import Method, Resource, methods
from .values import Value

# The Magento whose contract is spoken; connectors switch features on by it.
VERSION, EDITION = "1.9.4.5", "Community"


def info() -> Value:
    """Version and edition, as ``magentoInfo`` returns them."""
    return {"magento_version": VERSION, "magento_edition": EDITION}


def resource() -> Resource:
    """The registry entry."""
    return Resource(
        name="core_magento",
        title="Magento info API",
        acl="core/magento",
        v2_prefix="magento",
        aliases=("magento",),
        methods=methods(
            Method("info", "Info about current Magento installation", "core/magento/info", (), info),
        ),
    )

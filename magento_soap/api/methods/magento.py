"""The resources that describe the installation: the version of Magento, and whether it is a Maho."""

from __future__ import annotations

from magento_soap.api.resources import Method, Resource, methods
from magento_soap.api.values import Value

# Connectors enable features by the version whose contract is served.
VERSION, EDITION = "1.9.4.5", "Community"
OPENMAGE_VERSION = "20.0.20"
# A Maho of the same contract: one that has both operations.
MAHO_VERSION = "25.1.0"


def info() -> Value:
    """Edition and versions (E1); ``magentoInfo`` has members for Magento's own only."""
    return {"magento_edition": EDITION, "magento_version": VERSION, "openmage_version": OPENMAGE_VERSION}


def maho_info() -> Value:
    """The version, as ``mahoInfo`` returns it."""
    return {"maho_version": MAHO_VERSION}


def resource() -> Resource:
    """The registry entry."""
    return Resource(
        name="core_magento",
        title="Magento info API",
        acl="core/magento",
        aliases=("magento",),
        methods=methods(
            Method("info", "Info about current Magento installation", "core/magento/info", (), info),
        ),
    )


def maho_resource(*, listed: bool) -> Resource:
    """The registry entry of Maho's own resource, which takes the same right; only a Maho lists it."""
    return Resource(
        name="core_maho",
        title="Maho info API",
        acl="core/magento",
        aliases=("maho",),
        methods=methods(
            Method("info", "Get info about current Maho installation", "core/magento/info", (), maho_info),
        ),
        listed=listed,
    )

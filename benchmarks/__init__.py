"""Measurements, to be run by hand; ``README.md`` says how."""

from magento_soap.protocols.soap import compat as _compat  # noqa: F401  (must come before any import of Spyne)

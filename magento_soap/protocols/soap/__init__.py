"""SOAP as PHP's SoapServer spoke it for Magento, on Spyne.

Spyne keeps the definitions (``services``, ``types``), the dispatch and the request context; the XML is ours, both ways:

* ``reader`` turns the elements of a request into plain values, ``writer`` turns plain values into text. Both are
  compiled once per type, when the application starts.
* ``protocol`` joins them into a Spyne protocol: envelopes of SOAP 1.1 and 1.2, operations, parameters, faults.
* ``wsdl`` describes the same services to clients; ``wsgi`` puts everything behind one WSGI callable.

``compat`` must be imported before Spyne, and this package sees to that.
"""

from . import compat as _compat  # noqa: F401  (repairs the import of Spyne on new Pythons: must come first)
from .endpoint import SoapEndpoint

__all__ = ["SoapEndpoint"]

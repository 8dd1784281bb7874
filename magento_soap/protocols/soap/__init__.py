"""SOAP as PHP's SoapServer spoke it for Magento, on Spyne.

Spyne keeps the declarations of operations and types, dispatches calls and carries the context of a request. The XML is
read and written here.

* ``services`` and ``types`` declare operations and their types, one module per resource; ``declaration`` derives what
  need not be written down. ``interface`` describes them for the other modules.
* A request: ``parsing`` makes a tree of its bytes; ``parameters`` finds the parts of the call in it; ``reader`` and
  ``untyped_reader`` turn their elements into plain values, following ``references``.
* A response: ``envelopes`` has the text around the result, ``writer`` writes the result. Readers and writers are
  compiled once per type, when the application starts.
* ``protocol`` combines these into a Spyne protocol; ``literal`` is what WS-I adds to it; ``faults`` are its faults.
* ``wsdl`` builds the documents for clients, ``merged_wsdl`` puts our operations into the shop's, ``contracts`` says
  which documents there are, ``endpoint`` serves it all over WSGI.

``compat`` must be imported before Spyne; this module does so.
"""

from . import compat as _compat  # noqa: F401  (repairs the import of Spyne on new Pythons: must come first)
from .contracts import describe
from .endpoint import SoapEndpoint

__all__ = ["SoapEndpoint", "describe"]

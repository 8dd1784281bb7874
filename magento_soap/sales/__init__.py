"""The sales domain: orders, invoices, payments, and the rules that change them.

Flat modules are nouns: ``order``, ``invoice``, ``payment``, ``money``, ``taxes``, ``states``, ``errors``. What is done
with them lives in packages: ``invoicing`` creates and changes invoices, ``paying`` asks gateways. ``operations``
holds what every use case shares, ``ports`` what the domain needs from outside, ``queries`` how documents are read.

The domain imports the standard library only. Storage, payment methods and mail depend on it, never the reverse.
"""

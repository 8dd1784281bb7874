"""The sales domain: orders with their invoices, shipments, credit memos and payments, and the rules that change them.

Flat modules are nouns: ``order``, ``document``, ``invoice``, ``shipment``, ``creditmemo``, ``comment``, ``payment``,
``money``, ``taxes``, ``states``, ``errors``. What is done with them lives in packages: ``ordering`` comments on orders,
holds and cancels them, ``invoicing``, ``shipping`` and ``refunding`` create and change their documents, ``paying`` asks
gateways. ``services`` offers all of it. ``preparation`` and ``validation`` hold what all new documents have in common,
``operations`` what every use case shares, ``ports`` what the domain needs from outside, ``queries`` how documents are
read.

The domain imports the standard library only. Storage, payment methods and mail depend on it, never the reverse.
"""

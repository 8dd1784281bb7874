"""The invoicing domain: orders, invoices, payments, totals and states.

Pure Python and Decimal. Nothing in here knows SQL, SOAP, XML or HTTP; what it needs of the world is in ``ports``.
"""

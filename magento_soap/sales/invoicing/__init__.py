"""The shared invoicing domain: an order is invoiced, wholly or in part, and its invoices move through their life.

``preparation`` chooses lines and quantities, ``totals`` and ``fixed_product_tax`` compute the amounts, ``registration``
books them on the order, ``validation`` says what prevents an invoice, and ``service`` offers the use cases.
"""

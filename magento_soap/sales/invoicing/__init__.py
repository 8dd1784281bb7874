"""The invoicing domain, shared by all protocols: invoicing an order, wholly or in part, and changing its invoices.

``service`` offers the use cases; ``commands`` are their arguments. To create an invoice, ``preparation`` chooses lines
and quantities, ``validation`` finds the reasons against it, ``totals`` and ``fixed_product_tax`` compute the amounts,
and ``registration`` adds them to the order. ``capturing`` applies what a payment gateway answered, ``accounting`` puts
these steps together, and ``extensions`` lets an installation replace some of them.
"""

"""Shipping an order, wholly or in part, and tracking its shipments (J).

``service`` offers the use cases; ``commands`` are their arguments. ``preparation`` chooses lines and quantities,
``carriers`` knows whose tracking numbers a store can have.
"""

"""Refunding what was paid for an order, wholly or in part (K).

``service`` offers the use cases; ``commands`` are their arguments. To create a credit memo, ``preparation`` chooses
lines and quantities, ``totals`` computes the amounts, and ``registration`` adds them to the order.
"""

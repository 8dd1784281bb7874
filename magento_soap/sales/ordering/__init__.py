"""What can be done with an order itself: comment on it, put it on hold, release it, cancel it (H, I).

``service`` offers the use cases; ``commands`` are their arguments. ``holding`` and ``cancellation`` have the rules:
what is allowed, and what it changes.
"""

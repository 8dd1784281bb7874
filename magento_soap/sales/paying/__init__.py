"""Asking payment gateways for money, so that no answer is lost and no money moves twice (BUG-2, BUG-27).

``gateway``
    What a gateway is asked, and what its answer changes on the order and its payment. Pure functions.
``attempts``
    One request to a gateway as a state machine: asked, answered, settled or refused.
``calls``
    The three committed steps of a payment: store the attempt, ask the gateway, apply its answer.
``resuming``
    Payments that were interrupted: the next call resumes them, or an administrator decides.

The package knows orders and payments only. ``calls.Accounting`` stands for the document an attempt is about.
"""

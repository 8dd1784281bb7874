"""Connections to databases: engines, transactions, and how long a call waits for them."""

"""The demo shop: two stores, some forty orders in every state that matters, and a gateway that moves no money."""

from .shop import demo_rows

__all__ = ["demo_rows"]

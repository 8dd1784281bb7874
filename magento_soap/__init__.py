"""A server that speaks the legacy Magento 1 API for sales invoices.

``create_app(settings)`` gives the WSGI callable; the rest is for those who read on in ``app``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .app import create_app

__version__ = "0.1.0"
__all__ = ["__version__", "create_app"]


def __getattr__(name: str) -> Any:
    """``create_app``, wired on first use: the domain can be imported without the server."""
    if name == "create_app":
        from .app import create_app  # noqa: PLC0415

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

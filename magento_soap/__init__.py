"""A server that speaks the legacy Magento 1 API for sales invoices."""

__version__ = "0.1.0"

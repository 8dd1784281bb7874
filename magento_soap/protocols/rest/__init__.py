"""Magento 2's REST services, and the OpenAPI document that describes them."""

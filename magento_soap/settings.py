"""Settings: from ``MAGENTO_SOAP_*`` environment variables and a TOML file."""

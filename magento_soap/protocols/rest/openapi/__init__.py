"""The description of the REST endpoint in Swagger 2.0, with the names that Magento 2 has for its own.

``document`` puts together what one module for each kind of service describes, in the terms of ``schemas``.
"""

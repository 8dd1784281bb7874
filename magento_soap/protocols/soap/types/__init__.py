"""The types of Magento's WSDLs (API-44), as Spyne models: one module per resource.

They are descriptions only; no value is ever an instance of one. ``common`` has the scalars, the functions that declare
structs and arrays, and the types that several resources use. The service class of a resource names its types, in the
WSDL's order (``services``).
"""

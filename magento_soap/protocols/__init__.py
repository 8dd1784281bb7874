"""The protocols: bytes of a request to plain values, and results or faults back to bytes.

``soap`` (V1, V2, WS-I), ``xmlrpc`` and ``jsonrpc`` call Magento 1's API (``api.dispatcher``), ``rest`` one service of
Magento 2. Each has an endpoint, a WSGI callable. ``wsgi_request``, ``xml_text`` and ``json_text`` are shared.
"""

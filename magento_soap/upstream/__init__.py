"""The shop behind this server: its own PHP, to which calls that are not served here are forwarded.

``exchange`` sends one HTTP request and reads the response within bounds; ``circuit_breaker`` spares a shop that does
not answer; ``forwarding`` combines both for the endpoints. ``wsdl`` keeps the shop's WSDLs. ``shadow`` and ``check``
compare responses of both sides. Nothing is ever sent twice, and nothing goes to any other host than that of
``upstream_url``.
"""

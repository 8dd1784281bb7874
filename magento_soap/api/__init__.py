"""The legacy API itself: sessions, access control, the resource registry, and the methods of every resource.

Protocols come in through ``dispatcher.Dispatcher`` with plain values and get plain values, or an ``ApiFault``, back.
"""

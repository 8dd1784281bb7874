"""The HTTP server: worker processes under a supervisor, which share nothing but the database and a listening socket.

* ``router``, ``hosts`` and ``proxies`` decide which endpoint a request reaches, and whether it may;
* ``serving`` listens and starts everything;
* ``supervisor`` keeps the workers running;
* ``worker`` is such a process: an event loop that reads, threads that answer;
* ``connection`` reads requests within the ``limits`` of bytes, time and connections;
* ``request_queue`` shares the threads fairly between addresses;
* ``handler`` runs the WSGI application.
"""

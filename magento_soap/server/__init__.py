"""The HTTP server: worker processes under a supervisor. They share the listening socket and the database only.

The server proper, from the outside in:

* ``serving`` listens on an address and starts the supervisor, with a mail worker if requested;
* ``supervisor`` starts, replaces and stops the worker processes;
* ``worker`` is such a process: an event loop reads requests, threads run the application;
* ``connection`` reads requests within the ``limits`` of bytes, time and connections;
* ``request_queue`` shares the threads fairly between client addresses;
* ``handler`` runs the WSGI application for one request.

The WSGI middlewares, in the order in which a request passes them:

* ``proxies`` applies the headers of trusted proxies;
* ``hosts`` rejects unknown hosts and applies the base URL; ``host_names`` parses the names;
* ``compression`` compresses responses;
* ``router`` finds the endpoint; ``responses`` holds what they share.
"""

"""The shop's own PHP behind this server."""

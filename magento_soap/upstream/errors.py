"""What goes wrong between this server and the shop's PHP."""


class UpstreamFailure(Exception):
    """The shop gives no answer that can be used; the text says why."""

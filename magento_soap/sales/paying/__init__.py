"""Asking payment gateways: what is asked, the attempts that record it, and resuming those that were interrupted."""

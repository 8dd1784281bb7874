"""The program of a worker process: ``python -m magento_soap.server LISTENING SUPERVISOR`` (file descriptors)."""

from __future__ import annotations

import socket
import sys

from .worker import run

run(*(socket.socket(fileno=int(descriptor)) for descriptor in sys.argv[1:]))

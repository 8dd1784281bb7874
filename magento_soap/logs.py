"""Structured logging that masks keys, passwords and session ids."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRETS = frozenset({"api_key", "apikey", "session_id", "sessionid", "sessid", "password", "authorization", "token"})
SESSION_ID = re.compile(r"\b[0-9a-f]{32}(?:[0-9a-f]{32})?\b")
URL_PASSWORD = re.compile(r"(?<=://)([^:/@\s]*):[^@/\s]*(?=@)")
MASK = "***"


def mask_secrets(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask the values of secret names, and session ids and URL passwords in any text."""
    for name, value in event.items():
        if name.lower() in SECRETS:
            event[name] = MASK
        elif isinstance(value, str):
            event[name] = URL_PASSWORD.sub(rf"\1:{MASK}", SESSION_ID.sub(MASK, value))
    return event


def configure(level: str = "info", form: str = "console") -> None:
    """Write logs of this level and above to standard error, as lines for people or as JSON (``form``)."""
    renderer = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())

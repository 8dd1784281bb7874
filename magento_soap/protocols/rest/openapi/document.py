"""The whole description of the endpoint."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from .creation import DESCRIPTIONS
from .repositories import repository
from .schemas import ERROR, Description
from .tokens import TOKENS

ALL = "all"


class OpenApi:
    """Describes the services, with the repositories of these entity types."""

    def __init__(self, entity_types: Collection[str]) -> None:
        self._services: list[Description] = [*DESCRIPTIONS, *map(repository, entity_types), TOKENS]
        self.names = frozenset({ALL, *(each.service for each in self._services)})
        """What can be asked for; each gets the whole, since without a token nothing can be called."""

    def description(self, scheme: str, host: str, base_path: str) -> dict[str, Any]:
        """The document for a server that is reached there."""
        return {
            "swagger": "2.0",
            "info": {"version": "2.1", "title": "Magento Community"},
            "host": host,
            "basePath": base_path,
            "schemes": [scheme],
            "consumes": ["application/json"],
            "produces": ["application/json"],
            "tags": [{"name": each.service, "description": each.text} for each in self._services],
            "paths": {path: item for each in self._services for path, item in each.paths.items()},
            "securityDefinitions": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "Bearer, a blank, and the token.",
                },
                "basic": {"type": "basic"},
            },
            "definitions": {name: schema for each in self._services for name, schema in each.definitions.items()}
            | {"error-response": ERROR},
        }

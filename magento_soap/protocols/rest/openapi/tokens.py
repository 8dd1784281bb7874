"""The service that signs in."""

from __future__ import annotations

from .schemas import Description, body, responses

SERVICE = "integrationAdminTokenServiceV1"
TOKENS = Description(
    SERVICE,
    "Signs in.",
    {
        "/V1/integration/admin/token": {
            "post": {
                "tags": [SERVICE],
                "operationId": f"{SERVICE}CreateAdminAccessTokenPost",
                "description": "Creates a token for an API user.",
                "parameters": [
                    body(
                        {"username": {"type": "string"}, "password": {"type": "string"}},
                        required=["username", "password"],
                    )
                ],
                "responses": responses({"type": "string", "description": "The token."}, 400, 401, 413, 503),
            }
        }
    },
    {},
)

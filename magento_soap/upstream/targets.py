"""Where at the shop a request belongs: the same endpoint under the URL that Magento has for it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ONLY_BY_TYPE = {"default": "default", "soap_v2": "soap_v2", "soap_wsi": "soap_wsi", "v2_soap_wsi": "soap_wsi"}
"""Adapters that have a path here, and in Magento only a type of api.php."""
WSDL_TARGETS = {
    "v2": ("/api/v2_soap/?wsdl=1", "/api.php?type=soap_v2&wsdl=1"),
    "wsi": ("/api/v2_soap/?wsdl=1", "/api.php?type=soap_wsi&wsdl=1"),
}
"""Where the shop has the WSDL of a style. At its own V2 URL, its setting for WS-I decides which one that is."""


def shop_target(environ: WSGIEnvironment) -> str:
    """Path and query of the endpoint at the shop to which a request is forwarded.

    What follows a dot segment is dropped: such parameters are ignored here, and at the shop they could lead elsewhere.
    """
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    segments = [segment for segment in path.lower().split("/") if segment]
    match segments[1:] if segments[:1] == ["index.php"] else segments:
        case ["api", adapter, *_] if adapter in ONLY_BY_TYPE:
            return f"/api.php?type={ONLY_BY_TYPE[adapter]}"
        case ["api.php"]:
            return f"{_quoted(path)}?{_with_magentos_type(query)}" if query else _quoted(path)
        case _:
            return _quoted(path) + (f"?{query}" if query else "")


def _quoted(path: str) -> str:
    segments = path.split("/")
    dots = next((index for index, segment in enumerate(segments) if segment in (".", "..")), len(segments))
    return "/" + quote("/".join(segments[:dots]).encode("latin-1"), safe="/:@!$&'()*+,;=~").lstrip("/")


def _with_magentos_type(query: str) -> str:
    """The query of api.php, with the type that Magento knows."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(key == "type" and value == "v2_soap_wsi" for key, value in pairs):
        return query
    return urlencode([(key, ONLY_BY_TYPE.get(value, value) if key == "type" else value) for key, value in pairs])

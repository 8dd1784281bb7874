"""The endpoint at the shop to which a request belongs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magento_soap.upstream.targets import shop_target


def target(path: str, query: str = "") -> str:
    return shop_target({"PATH_INFO": path.encode().decode("latin-1"), "QUERY_STRING": query})


@pytest.mark.parametrize(
    "path", ["/api/soap/", "/api/v2_soap", "/api", "/api/xmlrpc/", "/api/jsonrpc", "/index.php/api/v2_soap/index/"]
)
def test_magentos_own_urls_stay_as_they_are(path: str) -> None:
    assert target(path) == path
    assert target(path, "a=1&b=%20") == f"{path}?a=1&b=%20"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v2_soap_wsi/", "/api.php?type=soap_wsi"),
        ("/api/soap_wsi", "/api.php?type=soap_wsi"),
        ("/index.php/api/V2_SOAP_WSI/index/a/b", "/api.php?type=soap_wsi"),
        ("/api/soap_v2/", "/api.php?type=soap_v2"),
        ("/api/default/", "/api.php?type=default"),
        ("/api/soap/index/a b/é", "/api/soap/index/a%20b/%C3%A9"),
        ("/api/soap/index/../../../admin", "/api/soap/index"),
        ("/api/soap/index/./x", "/api/soap/index"),
        ("//evil.example/api", "/evil.example/api"),
    ],
)
def test_urls_that_magento_does_not_have(path: str, expected: str) -> None:
    assert target(path) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=soap", "type=soap"),
        ("type=soap_wsi&x=%20", "type=soap_wsi&x=%20"),
        ("x=1&type=v2_soap_wsi&y=", "x=1&type=soap_wsi&y="),
        ("type=v2_soap", "type=v2_soap"),
    ],
)
def test_types_of_api_php(query: str, expected: str) -> None:
    assert target("/api.php", query) == f"/api.php?{expected}"
    assert target("/api.php") == "/api.php"


@given(st.text(st.characters(codec="latin-1"), max_size=20))
def test_a_target_is_a_path_of_printable_characters_on_the_same_host(path: str) -> None:
    found = shop_target({"PATH_INFO": f"/{path}"})
    assert found.startswith("/")
    assert not found.startswith("//")
    assert found.isascii()
    assert found.isprintable()
    assert " " not in found

"""Hosts that are not ours: in requests, in WSDLs, and from proxies that pass on what clients sent."""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from .target import Target, target

WSDL = "/api/v2_soap/?wsdl"


def get(shop: Target, *headers: tuple[str, str], path: str = WSDL, version: str = "1.1") -> http.client.HTTPResponse:
    """The response to a GET with exactly these headers; its body is in ``text``."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    with contextlib.closing(shop.connect()) as connection:
        connection.sendall(f"GET {path} HTTP/{version}\r\n{head}Connection: close\r\n\r\n".encode("latin-1"))
        response = http.client.HTTPResponse(connection)
        response.begin()
        response.text = response.read().decode()  # type: ignore[attr-defined]
    return response


def location(shop: Target, *headers: tuple[str, str], path: str = WSDL, version: str = "1.1") -> str:
    """The address in the WSDL that is served for these headers, or the status when none is."""
    response = get(shop, *headers, path=path, version=version)
    text: str = response.text  # type: ignore[attr-defined]
    return text.partition('location="')[2].partition('"')[0] if response.status == 200 else str(response.status)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example.",
        ".localhost",
        "localhost..",
        "192.0.2.1",
        "0.0.0.0",
        "[2001:db8::1]",
        "[::1",
        "[::1]evil",
        "[localhost]",
        "::1",
        "localhost:99999",
        "localhost:0",
        "localhost:-1",
        "localhost:80:80",
        "localhost:evil",
        "localhost:80@evil.example",
        "user@localhost",
        "evil.example#localhost",
        "localhost/evil",
        "localhost\\evil",
        "localhost, evil.example",
        "localhost evil",
        "localhost'><x y='",
        "lo%63alhost",
        "javascript:alert(1)",
        "\xe9vil.example",
        "x" * 300,
        "",
    ],
)
def test_a_host_that_is_not_ours_is_refused_and_repeated_nowhere(shop: Target, host: str) -> None:
    for path in (WSDL, "/api/v2_soap/", "/rest/schema?services=salesInvoiceOrderV1", "/nothing"):
        response = get(shop, ("Host", host), path=path)
        text: str = response.text  # type: ignore[attr-defined]
        assert (response.status, response.headers.get_content_type()) == (400, "text/plain"), path
        assert not host or host not in text


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("localhost", "http://localhost/api/v2_soap/"),
        ("LocalHost:8080", "http://localhost:8080/api/v2_soap/"),
        ("localhost.", "http://localhost/api/v2_soap/"),
        ("localhost:80", "http://localhost/api/v2_soap/"),
        ("localhost:", "http://localhost/api/v2_soap/"),
        (" \t localhost:081 \t ", "http://localhost:81/api/v2_soap/"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080/api/v2_soap/"),
        ("127.8.7.6", "http://127.8.7.6/api/v2_soap/"),
        ("[::1]:8080", "http://[::1]:8080/api/v2_soap/"),
        ("[0:0::0:1]", "http://[::1]/api/v2_soap/"),
    ],
)
def test_a_server_of_this_machine_has_its_names(shop: Target, host: str, address: str) -> None:
    """In every spelling; WSDLs show one."""
    assert location(shop, ("Host", host)) == address


def test_a_request_names_one_host(shop: Target) -> None:
    assert location(shop, ("Host", "localhost"), ("Host", "localhost")) == "400"
    assert location(shop) == "400"
    assert location(shop, version="1.0") == f"http://127.0.0.1:{shop.port}/api/v2_soap/"  # it knows no hosts
    assert location(shop, ("Host", "localhost"), path=f"http://evil.example{WSDL}") == "http://localhost/api/v2_soap/"


def test_strangers_are_no_proxies(shop: Target) -> None:
    forged = [("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Prefix", "/evil")]
    forged += [("Forwarded", "host=evil.example;proto=https"), ("X_Forwarded_Host", "evil.example")]
    forged += [("X-Original-URL", "/evil"), ("X-Rewrite-URL", "/evil"), ("X-Host", "evil.example")]
    assert location(shop, ("Host", "localhost"), *forged) == "http://localhost/api/v2_soap/"


def test_caches_neither_mix_addresses_up_nor_keep_them(shop: Target) -> None:
    response = get(shop, ("Host", "localhost"))
    varies = {name.strip() for line in response.headers.get_all("Vary", []) for name in line.split(",")}
    forwarded = {"X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix"}
    assert varies == {"Host", "Accept-Encoding", *forwarded}
    assert response.headers["Cache-Control"] == "no-cache, private"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    again = get(shop, ("Host", "localhost"), ("If-None-Match", response.headers["ETag"]))
    assert again.status == 304
    assert again.headers["Cache-Control"] == "no-cache, private"


@pytest.fixture(scope="module")
def proxied(demo_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server that believes a proxy, which believes its clients."""
    settings = {"trusted_proxies": "127.0.0.1", "allowed_hosts": "Shop.Example, .shops.example"}
    with target(demo_database, tmp_path_factory.mktemp("proxied"), **settings) as running:
        yield running


@pytest.mark.parametrize(
    "forged",
    [
        {"X-Forwarded-Proto": "javascript"},
        {"X-Forwarded-Proto": '"javascript"'},
        {"X-Forwarded-Proto": "https, javascript"},
        {"X-Forwarded-Proto": "https://evil.example/?"},
        {"X-Forwarded-Proto": "file"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Host": "shop.example, evil.example"},
        {"X-Forwarded-Host": "evilshop.example"},
        {"X-Forwarded-Host": "shop.example.evil.example"},
        {"X-Forwarded-Host": "shop.example:80@evil.example"},
        {"X-Forwarded-Host": "localhost"},
        {"X-Forwarded-Host": "\t"},
        {"X-Forwarded-Prefix": "//evil.example"},
        {"X-Forwarded-Prefix": "/m1//evil.example"},
        {"X-Forwarded-Prefix": "https://evil.example"},
        {"X-Forwarded-Prefix": "/\\evil.example"},
        {"X-Forwarded-Prefix": "@evil.example"},
        {"X-Forwarded-Prefix": "/..;/evil"},
        {"X-Forwarded-Prefix": "/m1/../evil"},
        {"X-Forwarded-Prefix": "/m1?evil"},
        {"X-Forwarded-Prefix": "/m1\x01"},
        {"X-Forwarded-Prefix": "/%2f%2fevil.example"},
        {"X-Forwarded-Prefix": "/" + "x" * 3000},
    ],
    ids=str,
)
def test_what_a_proxy_passes_on_unseen_is_refused(proxied: Target, forged: dict[str, str]) -> None:
    good = {"Host": "internal:8080", "X-Forwarded-Host": "shop.example", "X-Forwarded-Proto": "https"}
    assert location(proxied, *good.items()) == "https://shop.example/api/v2_soap/"
    assert location(proxied, *(good | forged).items()) == "400"


@pytest.mark.parametrize(
    ("sent", "address"),
    [
        ({"Host": "shop.example"}, "http://shop.example/api/v2_soap/"),
        ({"Host": "SHOP.example.:8443"}, "http://shop.example:8443/api/v2_soap/"),
        ({"Host": "x", "X-Forwarded-Host": "de.Shops.example:443", "X-Forwarded-Proto": "HTTPS"}, None),
        ({"Host": "x", "X-Forwarded-Host": "de.shops.example", "X-Forwarded-Proto": "http, https"}, None),
        ({"Host": "shop.example", "X-Forwarded-Prefix": "/m1/"}, "http://shop.example/m1/api/v2_soap/"),
        ({"Host": "shop.example", "X-Forwarded-Prefix": "/m-1/b_2.~"}, "http://shop.example/m-1/b_2.~/api/v2_soap/"),
        ({"Host": "shop.example", "X-Forwarded-Prefix": "/"}, "http://shop.example/api/v2_soap/"),
    ],
    ids=str,
)
def test_a_proxy_says_how_clients_reach_it(proxied: Target, sent: dict[str, str], address: str | None) -> None:
    assert location(proxied, *sent.items()) == (address or "https://de.shops.example/api/v2_soap/")


def test_with_a_base_url_no_header_has_a_say(demo_database: Path, tmp_path: Path) -> None:
    settings = {"base_url": "https://Shop.example:8443/m1/", "trusted_proxies": "127.0.0.1"}
    forged = {"X-Forwarded-Host": "localhost", "X-Forwarded-Proto": "http", "X-Forwarded-Prefix": "/m2"}
    with target(demo_database, tmp_path, **settings) as shop:
        expected = "https://shop.example:8443/m1/api/v2_soap/"
        assert location(shop, ("Host", "shop.example")) == expected
        assert location(shop, ("Host", "localhost:8080"), *forged.items()) == expected
        assert location(shop, ("Host", "evil.example")) == "400"
        response = get(shop, ("Host", "localhost"))
        assert response.headers.get_all("Vary") == ["Accept-Encoding"]
        assert response.headers["Cache-Control"] == "no-cache"
        schema = get(shop, ("Host", "localhost"), path="/rest/schema?services=salesInvoiceOrderV1")
        text: str = schema.text  # type: ignore[attr-defined]
        assert '"host": "shop.example:8443", "basePath": "/m1/rest"' in text


@pytest.mark.parametrize("host", ["0.0.0.0", "shop.example"])
def test_beyond_this_machine_only_with_names(demo_database: Path, host: str) -> None:
    refusal = serve(demo_database, "--host", host)
    assert refusal.returncode == 2
    assert f"host is {host}" in refusal.stderr
    assert "base_url" in refusal.stderr
    assert "allowed_hosts" in refusal.stderr


def serve(database: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment: dict[str, str] = {name: text for name, text in os.environ.items() if "MAGENTO_SOAP_" not in name}
    environment |= {"MAGENTO_SOAP_DATABASE_URL": f"sqlite:///{database}", "MAGENTO_SOAP_CONFIG": "-", **settings}
    command: Sequence[str] = [sys.executable, "-m", "magento_soap", "serve", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

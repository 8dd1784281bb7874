"""Headers on their way to the shop and back."""

from __future__ import annotations

from typing import Any

import pytest

from magento_soap.upstream.headers import request_headers, response_headers, was_forwarded

ENVIRON: dict[str, Any] = {
    "REMOTE_ADDR": "203.0.113.7",
    "HTTP_HOST": "api.shop.example",
    "wsgi.url_scheme": "https",
    "SCRIPT_NAME": "/m1",
    "CONTENT_TYPE": "text/xml; charset=utf-8",
    "CONTENT_LENGTH": "12",
    "HTTP_SOAPACTION": '"urn:Action"',
    "HTTP_AUTHORIZATION": "Basic YTpi",
    "HTTP_USER_AGENT": "PHP-SOAP/5.6",
    "HTTP_COOKIE": "a=b",
    "HTTP_X_CUSTOM": "1",
}
FORWARDED = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Host": "api.shop.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/m1",
}
KEPT = {
    "Content-Type": "text/xml; charset=utf-8",
    "Soapaction": '"urn:Action"',
    "Authorization": "Basic YTpi",
    "User-Agent": "PHP-SOAP/5.6",
    "Cookie": "a=b",
    "X-Custom": "1",
    "Accept-Encoding": "identity",
    "Via": "1.1 magento-soap",
}


def test_what_the_client_sent_and_who_it_is() -> None:
    headers = request_headers(ENVIRON)
    assert dict(headers) == KEPT | FORWARDED
    assert len(headers) == len(dict(headers))


@pytest.mark.parametrize(
    "name",
    [
        *("HTTP_CONNECTION", "HTTP_KEEP_ALIVE", "HTTP_PROXY_AUTHORIZATION", "HTTP_PROXY_CONNECTION", "HTTP_TE"),
        *("HTTP_TRAILER", "HTTP_TRANSFER_ENCODING", "HTTP_UPGRADE", "HTTP_EXPECT"),
        *("HTTP_CONTENT_ENCODING", "HTTP_ACCEPT_ENCODING", "HTTP_CONTENT_LENGTH"),
        *("HTTP_PROXY", "HTTP_FORWARDED", "HTTP_X_FORWARDED_PORT", "HTTP_X_REAL_IP", "HTTP_X_FORWARDED_FOR"),
    ],
)
def test_what_concerns_the_connection_or_is_forged_stays_here(name: str) -> None:
    assert dict(request_headers(ENVIRON | {name: "evil"})) == KEPT | FORWARDED


def test_headers_that_connection_names_stay_here() -> None:
    environ = ENVIRON | {"HTTP_CONNECTION": "close, X-Custom", "HTTP_X_OTHER": "2"}
    headers = dict(request_headers(environ))
    assert "X-Custom" not in headers
    assert headers["X-Other"] == "2"


def test_proxies_before_this_one_are_named() -> None:
    assert dict(request_headers(ENVIRON | {"HTTP_VIA": "1.0 fred"}))["Via"] == "1.0 fred, 1.1 magento-soap"
    assert not was_forwarded(ENVIRON | {"HTTP_VIA": "1.0 fred"})
    assert was_forwarded(ENVIRON | {"HTTP_VIA": "1.0 fred, 1.1 magento-soap, 1.1 nginx"})


def test_a_response_loses_what_concerns_the_connection() -> None:
    headers = [
        ("Content-Type", "text/xml"),
        ("content-length", "5"),
        ("Connection", "close, X-Hop"),
        ("Keep-Alive", "timeout=5"),
        ("Transfer-Encoding", "chunked"),
        ("X-Hop", "1"),
        ("Set-Cookie", "a=b"),
        ("Set-Cookie", "c=d"),
    ]
    assert response_headers(headers) == [("Content-Type", "text/xml"), ("Set-Cookie", "a=b"), ("Set-Cookie", "c=d")]

"""Host names, in all their spellings, and which of them are allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from magento_soap.server.host_names import base_url, host_and_port, host_pattern, is_loopback
from magento_soap.server.hosts import HostCheck, allowed_hosts


@given(st.text(max_size=50) | st.text("aZ0.:[]-_%@/ \t\n", max_size=20))
def test_any_text_is_a_host_in_one_spelling_or_none(text: str) -> None:
    try:
        name, port = host_and_port(text)
    except ValueError:
        return
    assert host_and_port(name) == (name, None)
    assert host_and_port(f"{name}:{port or 1}") == (name, port or 1)
    assert not set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789-_.[:]")


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("Shop.Example.", "shop.example"),
        (".Shops.example", ".shops.example"),
        ("käse.example", "xn--kse-qla.example"),
        ("::1", "[::1]"),
        ("[2001:DB8:0::1]", "[2001:db8::1]"),
        ("docker_name", "docker_name"),
        ("*", "*"),
    ],
)
def test_patterns_have_one_spelling(text: str, pattern: str) -> None:
    assert host_pattern(text) == pattern


@pytest.mark.parametrize("text", ["", ".", "a b", "shop.example:8080", "*.example", "http://shop.example", "ä" * 70])
def test_other_texts_are_no_patterns(text: str) -> None:
    with pytest.raises(ValueError, match="not a host name"):
        host_pattern(text)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://Shop.Example/", "https://shop.example"),
        ("https://shop.example:443/m1//", "https://shop.example/m1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_base_urls_have_one_spelling(text: str, url: str) -> None:
    assert base_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "shop.example",
        "ftp://shop.example",
        "https://",
        "https://me:secret@shop.example",
        "https://shop.example/?a",
        "https://shop.example/#a",
        "https://shop.example//m1",
        "https://shop.example/a/../b",
        "https://shop.example:x",
        "https://[::1",
    ],
)
def test_other_urls_are_no_base_urls(text: str) -> None:
    with pytest.raises(ValueError, match="not a valid base URL"):
        base_url(text)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *((host, True) for host in ("127.0.0.1", "localhost", "::1", "127.9.9.9")),
        *((host, False) for host in ("0.0.0.0", "::", "192.0.2.1", "127.example")),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("listening", "base", "host", "expected"),
    [
        ("192.0.2.7", "https://shop.example/m1", "192.0.2.7", True),
        ("192.0.2.7", "https://shop.example/m1", "shop.example", True),
        ("192.0.2.7", "https://shop.example/m1", "127.0.0.1", True),
        ("192.0.2.7", "https://shop.example/m1", "192.0.2.8", False),
        ("fe80::1%eth0", None, "localhost", True),
    ],
)
def test_without_a_list_the_server_knows_its_own_names(
    listening: str, base: str | None, host: str, expected: bool
) -> None:
    assert (host in allowed_hosts((), base, listening)) is expected


def test_a_list_is_all_there_is() -> None:
    allowed = allowed_hosts(("a.example", ".b.example"), "https://c.example", "127.0.0.1")
    assert [name in allowed for name in ("a.example", "b.example", "x.b.example")] == [True] * 3
    assert [name in allowed for name in ("x.a.example", "xb.example", "c.example", "localhost")] == [False] * 4
    assert "anything" in allowed_hosts(("*",), None, "127.0.0.1")


def test_any_host_is_still_a_host() -> None:
    echo = Request.application(lambda request: Response(request.headers["Host"]))
    client = Client(HostCheck(echo, allowed_hosts(("*",), None, "127.0.0.1")))
    assert client.get("/", headers={"Host": "Any.Example.:80"}).text == "any.example"
    assert client.get("/", headers={"Host": "any.example/x"}).status_code == 400

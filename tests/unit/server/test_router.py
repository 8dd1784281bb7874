"""URLs, hosts and proxies: which endpoint a request comes to, and what address its WSDL names."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Request, Response

from magento_soap.app import create_app
from magento_soap.server.proxies import TrustedProxies
from magento_soap.server.router import Router
from magento_soap.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Endpoint:
    """Answers with its name, and with its name and address when it is asked for its WSDL."""

    def __init__(self, name: str) -> None:
        self.name = name

    def wsdl(self, address: str) -> bytes:
        return f"{self.name} at {address}".encode()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].endswith("crash"):
            raise RuntimeError("a bug")
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [self.name.encode()]


def client() -> Client:
    return Client(Router({"soap": Endpoint("V1"), "v2_soap": Endpoint("V2"), "soap_v2": Endpoint("V2")}))


def served(target: str, method: str = "GET") -> TestResponse:
    """The answer to a request with exactly that target; the client's own ``open`` takes ``//`` for a host."""
    path, _, query = target.partition("?")
    return client().open(path="/", query_string=query, method=method, environ_overrides={"PATH_INFO": path})


@pytest.mark.parametrize("prefix", ["", "/index.php"])
@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/api", "V1"),
        ("/api/", "V1"),
        ("/api/soap", "V1"),
        ("/api/v2_soap", "V2"),
        ("/api/v2_soap/", "V2"),
        ("/api/v2_soap/index", "V2"),
        ("/api/v2_soap/index/", "V2"),
        ("/api/v2_soap/index/a/b", "V2"),
        ("/api/v2_soap/?SID=abc", "V2"),
        ("/api/index", "V1"),
        ("/api/index/", "V1"),
        ("/api/index/index", "V1"),
        ("/api/index/index/", "V1"),
        ("/api/index/index/login", "V1"),
        ("/api/index/index/call/", "V1"),
        ("/api//v2_soap//index//", "V2"),
        ("/api/V2_Soap/Index/", "V2"),
        ("/API/Soap", "V1"),
    ],
)
@pytest.mark.parametrize("slashes", ["", "/"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_every_spelling_leads_to_its_endpoint(prefix: str, slashes: str, path: str, endpoint: str, method: str) -> None:
    """As on Magento (SES-40), and repeated slashes count as one, whatever the case of letters is."""
    assert served(prefix + slashes + path, method).text == endpoint


@pytest.mark.parametrize(
    "query",
    [
        "?wsdl",
        "?wsdl=1",
        "?wsdl=",
        "?x=1&wsdl",
        "?WSDL",
        "?Wsdl=1",
        "/index/wsdl/1",
        "/index/a/b/wsdl/1",
        "/index/WSDL",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_spelling_of_wsdl(query: str, method: str) -> None:
    answer = client().open(f"/api/v2_soap{query}", method=method)
    assert answer.text.startswith("V2 at http://localhost/api/v2_soap")
    assert "wsdl" not in answer.text.lower()  # clients post to that address
    assert answer.headers["Content-Type"] == "text/xml; charset=UTF-8"


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("/api/index/index/?wsdl", "/api/index/index/"),
        ("/api/index/index/login?WSDL=1", "/api/index/index/login"),
        ("/api/index?wsdl", "/api/index"),
        ("/api/index/index/wsdl/1", "/api/index/index"),
        ("/index.php/api/index/index/?wsdl", "/index.php/api/index/index/"),
        ("/index.php//api/soap/?wsdl", "/index.php//api/soap/"),
        ("/API/Soap/?wsdl", "/API/Soap/"),
    ],
)
def test_the_address_is_the_spelling_that_was_used(target: str, address: str) -> None:
    """It leads to the same endpoint: clients post to it."""
    assert served(target).text == f"V1 at http://localhost{address}"
    assert served(address, "POST").text == "V1"


def test_slashes_in_front_are_not_in_the_address() -> None:
    """``http://host//api`` would do, but some clients take what follows two slashes for a host."""
    assert served("//api/soap/?wsdl").text == "V1 at http://localhost/api/soap/"


def test_the_address_repeats_the_rest_of_the_query() -> None:
    answer = client().get("/api/soap/?wsdl&foo=bar&x=%3C")
    assert answer.text == "V1 at http://localhost/api/soap/?foo=bar&x=%3C"


def test_the_legacy_file() -> None:
    assert client().get("/api.php?type=v2_soap&wsdl=1").text == "V2 at http://localhost/api.php?type=v2_soap"
    assert client().post("/api.php?type=soap_v2").text == "V2"
    assert client().post("/api.php").text == "V1"
    refused = client().get("/api.php?type=nope")
    assert (refused.status_code, refused.text) == (400, "Invalid webservice adapter specified.\n")  # BUG-34


@pytest.mark.parametrize(
    "path", ["/", "/apis", "/api/nope", "/api/v2_soap/nope", "/api/soap/login", "/api/index/nope", "/index.php"]
)
def test_other_paths_are_not_found(path: str) -> None:
    assert client().post(path).status_code == 404


@pytest.mark.parametrize("segment", ["..", ".", "%2e%2e", "%2E."])
@pytest.mark.parametrize("path", ["/api/soap/index/x/{}/y", "/api/{}/soap", "/api/soap/index/{}", "/{}/api.php"])
def test_a_path_that_another_server_reads_differently_is_unknown(path: str, segment: str) -> None:
    assert client().post(path.format(segment)).status_code == 404


def test_a_bug_in_an_endpoint_is_an_orderly_answer() -> None:
    answer = client().get("/api/v2_soap/index/crash")
    assert (answer.status_code, answer.text) == (500, "500 Internal Server Error\n")


FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "shop.example", "X-Forwarded-Prefix": "/m1"}


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("10.1.2.3", "V2 at https://shop.example/m1/api/v2_soap/"),
        ("192.0.2.1", "V2 at http://localhost/api/v2_soap/"),
        ("", "V2 at http://localhost/api/v2_soap/"),
    ],
)
def test_only_known_proxies_are_believed(address: str, seen: str) -> None:
    endpoints = Router({"v2_soap": Endpoint("V2")})
    proxied = Client(TrustedProxies(endpoints, [ip_network("10.0.0.0/8")]))
    answer = proxied.get("/api/v2_soap/?wsdl", headers=FORWARDED, environ_overrides={"REMOTE_ADDR": address})
    assert answer.text == seen


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("10.1.2.3", "192.0.2.1", "192.0.2.1"),
        ("10.1.2.3", "198.51.100.1, 192.0.2.1", "192.0.2.1"),  # only the last one was seen by our proxy
        ("10.1.2.3", "198.51.100.1, 192.0.2.1 , 10.9.9.9", "192.0.2.1"),  # two proxies
        ("10.1.2.3", "192.0.2.1:4711", "192.0.2.1"),
        ("10.1.2.3", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.1.2.3", "2001:db8::1", "2001:db8::1"),
        ("::ffff:10.1.2.3", "::ffff:192.0.2.1", "192.0.2.1"),
        ("10.1.2.3", "unknown", "10.1.2.3"),
        ("10.1.2.3", "192.0.2.1, nonsense", "10.1.2.3"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("10.1.2.3", ",".join(["10.0.0.1"] * 10_000), "10.0.0.1"),
        ("192.0.2.9", "198.51.100.1", "192.0.2.9"),
    ],
)
def test_the_client_is_the_last_address_that_is_no_proxy(peer: str, forwarded: str, seen: str) -> None:
    echo = Request.application(lambda request: Response(request.environ["REMOTE_ADDR"]))
    proxied = Client(TrustedProxies(echo, [ip_network("10.0.0.0/8")]))
    answer = proxied.get("/", headers={"X-Forwarded-For": forwarded}, environ_overrides={"REMOTE_ADDR": peer})
    assert answer.text == seen


def test_either_style_of_v2_has_its_address_and_wsi_mode_changes_one(tmp_path: Path) -> None:
    """``/api/v2_soap`` describes itself in WS-I when the setting says so; V1 stays V1."""
    paths = ("/api/v2_soap/", "/api/v2_soap_wsi/", "/api/soap/")
    types = ("v2_soap", "soap_v2", "soap_wsi", "soap")

    def styles(*, wsi: bool) -> list[str]:
        shop = Client(create_app(Settings(database_url=f"sqlite:///{tmp_path}/shop.sqlite", wsi=wsi)))
        urls = [f"{path}?wsdl" for path in paths] + [f"/api.php?type={name}&wsdl" for name in types]
        documents = [shop.get(url).text for url in urls]
        return ["document" if 'style="document"' in document else "rpc" for document in documents]

    assert styles(wsi=False) == ["rpc", "document", "rpc", "rpc", "rpc", "document", "rpc"]
    assert styles(wsi=True) == ["document", "document", "rpc", "document", "rpc", "document", "rpc"]


def test_wsi_has_two_forms(tmp_path: Path) -> None:
    """Magento's own at ``/api/v2_soap_wsi``, and the one that its documents show, unless a setting takes it away."""

    documented_part = b'minOccurs="0" maxOccurs="1" name="orderIncrementId"'

    def documented(setting: Literal["documented", "magento"] | None) -> list[bool]:
        chosen: dict[str, Any] = {} if setting is None else {"wsi_wsdl": setting}
        database_url = f"sqlite:///{tmp_path}/shop.sqlite"
        shop = Client(create_app(Settings(database_url=database_url, wsi=True, **chosen)))
        urls = (
            "/api/v2_soap/?wsdl",
            "/api.php?type=v2_soap&wsdl",
            "/api/v2_soap_wsi/?wsdl",
            "/api.php?type=soap_wsi&wsdl",
        )
        return [documented_part in shop.get(url).data for url in urls]

    assert documented(None) == [True, True, False, False]
    assert documented("documented") == [True, True, False, False]
    assert documented("magento") == [False, False, False, False]


def test_a_wsdl_that_is_known_is_not_sent_again() -> None:
    first = client().get("/api/v2_soap/?wsdl")
    tag = first.headers["ETag"]
    again = client().get("/api/v2_soap/?wsdl", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    elsewhere = client().get("/api/v2_soap/?wsdl", base_url="http://other.example/", headers={"If-None-Match": tag})
    assert elsewhere.status_code == 200  # the address in it is another

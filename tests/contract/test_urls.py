"""URLs as connectors have them in their settings, through the HTTP server, which might change them on the way."""

from __future__ import annotations

import http.client
import re
from urllib.parse import urlsplit

import pytest

from tests.unit.protocols.soap.wire import envelope

LOGIN = envelope("<ns1:login><username>apiUser</username><apiKey>apiKey</apiKey></ns1:login>")


@pytest.mark.parametrize(
    "target",
    [
        "/api/index/index/?wsdl",
        "/api/index/index/login?wsdl",
        "/index.php/api/index/index/call/?WSDL",
        "/api/index?wsdl=1",
        "/index.php//api/v2_soap?wsdl",
        "//api/soap/?wsdl",
        "//index.php//api//v2_soap/index/wsdl/1",
    ],
)
def test_a_login_at_the_address_of_the_wsdl(shop_url: str, target: str) -> None:
    shop = http.client.HTTPConnection(urlsplit(shop_url).netloc, timeout=10)
    shop.request("GET", target)
    (address,) = re.findall('soap:address location="([^"]+)"', shop.getresponse().read().decode())
    assert address.startswith(f"{shop_url}/")
    shop.request("POST", address.removeprefix(shop_url), LOGIN)
    answer = shop.getresponse()
    assert (answer.status, b"loginReturn" in answer.read()) == (200, True)

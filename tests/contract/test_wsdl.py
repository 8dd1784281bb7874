"""The WSDL is a contract: names, types and order as generated clients in the field carry them.

``expected_v1.json``, ``expected_v2.json`` and ``expected_wsi.json`` hold Magento's own: names, operations with
documentation and messages, messages with parts, types with members, elements with children.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from magento_soap.soap import SoapEndpoint
from magento_soap.soap.wsgi import Style
from tests.unit.soap.wire import RecordingApi

from .contract_changes import Contract, S, W, X, changes, contract_of

HERE = Path(__file__).parent
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
PATHS: dict[Style, str] = {"v1": "api/soap/", "v2": "api/v2_soap/", "wsi": "api/v2_soap_wsi/"}
FILES: dict[Style, str] = {"v1": "v1.wsdl", "v2": "v2.wsdl", "wsi": "v2-wsi.wsdl"}


def document(address: str = "http://magentohost/api/v2_soap/", **options: Any) -> bytes:
    return SoapEndpoint(RecordingApi(), **options).wsdl(address)


@pytest.fixture(scope="module", params=["v1", "v2", "wsi"])
def style(request: pytest.FixtureRequest) -> Style:
    chosen: Style = request.param
    return chosen


@pytest.fixture(scope="module")
def wsdl(style: Style) -> bytes:
    return document(f"http://magentohost/{PATHS[style]}", style=style)


@pytest.fixture(scope="module")
def expected(style: Style) -> Contract:
    loaded: Contract = json.loads((HERE / f"expected_{style}.json").read_text(encoding="utf-8"))
    return loaded


def one(parent: etree._Element, path: str) -> etree._Element:
    (found,) = parent.findall(path)
    return found


def attributes_of(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}


def test_the_file_in_the_repository_is_what_the_code_generates(style: Style, wsdl: bytes) -> None:
    assert (HERE.parents[1] / "wsdl" / FILES[style]).read_bytes() == wsdl


def test_v1_declares_apaches_map_in_a_schema_of_its_own() -> None:
    """Without it zeep reads no answer; inside Magento's own schema it would be another type."""
    root = etree.fromstring(document(style="v1"))
    (schema,) = (s for s in root.iter(f"{X}schema") if s.get("targetNamespace") == "http://xml.apache.org/xml-soap")
    assert [element.get("name") for element in schema] == ["mapItem", "Map"]
    members = [(e.get("name"), e.get("type"), e.get("maxOccurs")) for e in schema.iter(f"{X}element")]
    assert members == [
        ("key", "xsd:anyType", None),
        ("value", "xsd:anyType", None),
        ("item", "apache:mapItem", "unbounded"),
    ]
    assert "xml-soap" not in document(style="v2").decode()


def test_the_contract_holds(wsdl: bytes, expected: Contract) -> None:
    """What fails here breaks clients in the field; the message says which."""
    found = list(changes(expected, contract_of(wsdl)))
    assert not found, "\n".join(["The WSDL is not what it was:", *found])
    assert contract_of(wsdl) == expected


def test_the_port_leads_to_all_operations(style: Style, wsdl: bytes) -> None:
    root = etree.fromstring(wsdl)
    names = contract_of(wsdl)["names"]
    assert one(root, f"{W}binding").get("type") == f"typens:{names['portType']}"
    bound = [operation.get("name") for operation in root.iterfind(f"{W}binding/{W}operation")]
    assert bound == [operation.get("name") for operation in root.iterfind(f"{W}portType/{W}operation")]
    port = one(root, f"{W}service/{W}port")
    assert port.get("binding") == f"typens:{names['binding']}"
    assert one(port, f"{S}address").get("location") == f"http://magentohost/{PATHS[style]}"


@pytest.mark.parametrize(
    ("option", "attributes"),
    [
        ("bare", [{"namespace": ENCODING}]),
        ("location", [{"namespace": ENCODING, "schemaLocation": ENCODING}]),
        ("none", []),
    ],
)
@pytest.mark.parametrize("style", ["v1", "v2"])
def test_the_import_of_the_encoding_schema(style: str, option: str, attributes: list[dict[str, str]]) -> None:
    root = etree.fromstring(document(style=style, soapenc_import=option))
    assert [attributes_of(e) for e in root.iter(f"{X}import")] == attributes


def test_the_namespace_is_a_setting(style: Style) -> None:
    text = document(style=style, namespace="urn:OpenMage").decode()
    assert "urn:Magento" not in text
    assert etree.fromstring(text.encode()).get("targetNamespace") == "urn:OpenMage"


def test_an_address_cannot_become_markup() -> None:
    hostile = "http://h/\"><evil/>&amp;?a=1&b='2'"
    root = etree.fromstring(document(hostile))
    assert one(root, f".//{S}address").get("location") == hostile

"""The WSDL is a contract: names, types and order as generated clients in the field carry them.

``expected_v1.json`` and ``expected_v2.json`` hold Magento's own: operations with documentation and messages, messages
with parts, types with members.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from magento_soap.soap import SoapEndpoint
from tests.unit.soap.wire import RecordingApi

HERE = Path(__file__).parent
W = "{http://schemas.xmlsoap.org/wsdl/}"
S = "{http://schemas.xmlsoap.org/wsdl/soap/}"
X = "{http://www.w3.org/2001/XMLSchema}"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
HANDLERS = {"v1": "Mage_Api_Model_Server_Handler", "v2": "Mage_Api_Model_Server_V2_Handler"}
PATHS = {"v1": "api/soap/", "v2": "api/v2_soap/"}


def document(address: str = "http://magentohost/api/v2_soap/", **options: Any) -> bytes:
    return SoapEndpoint(RecordingApi(), **options).wsdl(address)


@pytest.fixture(scope="module", params=["v1", "v2"])
def style(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def definitions(style: str) -> etree._Element:
    return etree.fromstring(document(f"http://magentohost/{PATHS[style]}", style=style))


@pytest.fixture(scope="module")
def expected(style: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((HERE / f"expected_{style}.json").read_text())
    return loaded


def one(parent: etree._Element, path: str) -> etree._Element:
    (found,) = parent.findall(path)
    return found


def attributes_of(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}


def local(qname: str | None) -> str:
    assert qname is not None
    assert qname.startswith("typens:")
    return qname.removeprefix("typens:")


def test_the_file_in_the_repository_is_what_the_code_generates(style: str) -> None:
    generated = document(f"http://magentohost/{PATHS[style]}", style=style)
    assert (HERE.parents[1] / "wsdl" / f"{style}.wsdl").read_bytes() == generated


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


def test_operations(definitions: etree._Element, expected: dict[str, Any]) -> None:
    got = [
        [
            operation.get("name"),
            operation.findtext(f"{W}documentation"),
            local(one(operation, f"{W}input").get("message")),
            local(one(operation, f"{W}output").get("message")),
        ]
        for operation in one(definitions, f"{W}portType")
    ]
    assert got == expected["operations"]


def test_messages(definitions: etree._Element, expected: dict[str, Any]) -> None:
    got = {
        message.get("name"): [[part.get("name"), part.get("type")] for part in message]
        for message in definitions.findall(f"{W}message")
    }
    assert got == expected["messages"]
    assert list(got) == list(expected["messages"])


def test_types(definitions: etree._Element, expected: dict[str, Any]) -> None:
    got: dict[str | None, Any] = {}
    for complex_type in one(definitions, f"{W}types/{X}schema[@targetNamespace='urn:Magento']").iter(f"{X}complexType"):
        attribute = complex_type.find(f"{X}complexContent/{X}restriction[@base='soapenc:Array']/{X}attribute")
        if attribute is not None:
            assert attribute.get("ref") == "soapenc:arrayType"
            got[complex_type.get("name")] = attribute.get(f"{W}arrayType")
        else:
            members = one(complex_type, f"{X}all")
            got[complex_type.get("name")] = [[e.get("name"), e.get("type"), e.get("minOccurs")] for e in members]
    assert got == expected["types"]
    assert list(got) == list(expected["types"])


def test_binding_and_service(style: str, definitions: etree._Element, expected: dict[str, Any]) -> None:
    handler = HANDLERS[style]
    assert attributes_of(definitions) == {"name": "Magento", "targetNamespace": "urn:Magento"}
    assert one(definitions, f"{W}portType").get("name") == f"{handler}PortType"
    binding = one(definitions, f"{W}binding")
    assert attributes_of(binding) == {"name": f"{handler}Binding", "type": f"typens:{handler}PortType"}
    assert attributes_of(one(binding, f"{S}binding")) == {
        "style": "rpc",
        "transport": "http://schemas.xmlsoap.org/soap/http",
    }
    assert [o.get("name") for o in binding.findall(f"{W}operation")] == [o[0] for o in expected["operations"]]
    body = {"namespace": "urn:Magento", "use": "encoded", "encodingStyle": ENCODING}
    for operation in binding.findall(f"{W}operation"):
        assert one(operation, f"{S}operation").get("soapAction") == f"urn:{handler}Action"
        assert attributes_of(one(operation, f"{W}input/{S}body")) == body
        assert attributes_of(one(operation, f"{W}output/{S}body")) == body
    service = one(definitions, f"{W}service")
    assert service.get("name") == "MagentoService"
    port = one(service, f"{W}port")
    assert attributes_of(port) == {"name": f"{handler}Port", "binding": f"typens:{handler}Binding"}
    assert one(port, f"{S}address").get("location") == f"http://magentohost/{PATHS[style]}"


@pytest.mark.parametrize(
    ("option", "attributes"),
    [
        ("bare", [{"namespace": ENCODING}]),
        ("location", [{"namespace": ENCODING, "schemaLocation": ENCODING}]),
        ("none", []),
    ],
)
def test_the_import_of_the_encoding_schema(style: str, option: str, attributes: list[dict[str, str]]) -> None:
    root = etree.fromstring(document(style=style, soapenc_import=option))
    assert [attributes_of(e) for e in root.iter(f"{X}import")] == attributes


def test_the_namespace_is_a_setting(style: str) -> None:
    text = document(style=style, namespace="urn:OpenMage").decode()
    assert "urn:Magento" not in text
    assert etree.fromstring(text.encode()).get("targetNamespace") == "urn:OpenMage"


def test_an_address_cannot_become_markup() -> None:
    hostile = "http://h/\"><evil/>&amp;?a=1&b='2'"
    root = etree.fromstring(document(hostile))
    assert one(root, f".//{S}address").get("location") == hostile

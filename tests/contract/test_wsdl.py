"""The WSDL is a contract: names, types and order as generated clients in the field carry them.

``expected_v1.json``, ``expected_v2.json`` and ``expected_wsi.json`` hold Magento's own: names, operations with
documentation and messages, messages with parts, types with members, elements with children. WS-I has a second form,
with the member that Magento's documents show.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from magento_soap.protocols.soap import SoapEndpoint, describe
from magento_soap.protocols.soap.contracts import Style
from tests.conftest import original_wsi_wsdl
from tests.unit.protocols.soap.wire import RecordingApi

from .contract_changes import Contract, S, W, X, changes, contract_of

HERE = Path(__file__).parent
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
PATHS: dict[Style, str] = {
    "v1": "api/soap/",
    "v2": "api/v2_soap/",
    "wsi": "api/v2_soap_wsi/",
    "wsi-documented": "api/v2_soap/",
}
FILES: dict[Style, str] = {
    "v1": "v1.wsdl",
    "v2": "v2.wsdl",
    "wsi": "v2-wsi.wsdl",
    "wsi-documented": "v2-wsi-documented.wsdl",
}


def document(address: str = "http://magentohost/api/v2_soap/", **options: Any) -> bytes:
    return describe(options.pop("style", "v2"), address, **options)


@pytest.fixture(scope="module", params=PATHS)
def style(request: pytest.FixtureRequest) -> Style:
    chosen: Style = request.param
    return chosen


@pytest.fixture(scope="module")
def wsdl(style: Style) -> bytes:
    return document(f"http://magentohost/{PATHS[style]}", style=style)


@pytest.fixture(scope="module")
def expected(style: Style) -> Contract:
    return expected_of(style)


def expected_of(style: Style) -> Contract:
    """Magento's contract of that style; in the documented form of WS-I with what the documents show."""
    name, _, documented = style.partition("-")
    contract: Contract = json.loads((HERE / f"expected_{name}.json").read_text(encoding="utf-8"))
    if documented:
        create = contract["elements"]["salesOrderInvoiceCreateRequestParam"]
        assert create[1] == ["invoiceIncrementId", "xsd:string", None]
        create[1][2] = "0"
        create.append(["orderIncrementId", "xsd:string", "0"])
    return contract


def one(parent: etree._Element, path: str) -> etree._Element:
    (found,) = parent.findall(path)
    return found


def attributes_of(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}


def test_the_file_in_the_repository_is_what_the_code_generates(style: Style, wsdl: bytes) -> None:
    assert (HERE.parents[1] / "wsdl" / FILES[style]).read_bytes() == wsdl


def test_an_endpoint_serves_what_is_described(style: Style, wsdl: bytes) -> None:
    assert SoapEndpoint(RecordingApi(), style=style).wsdl(f"http://magentohost/{PATHS[style]}") == wsdl


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


def test_what_the_documented_form_of_wsi_has_more() -> None:
    """Both breaks are why Magento's own form is served as well: sources that are generated again would not compile."""
    found = changes(contract_of(document(style="wsi")), contract_of(document(style="wsi-documented")))
    assert [sentence.partition(". ")[0] for sentence in found] == [
        "element salesOrderInvoiceCreateRequestParam: child invoiceIncrementId: required became optional",
        "element salesOrderInvoiceCreateRequestParam: child orderIncrementId is new",
    ]


def test_wsi_is_what_a_magento_describes() -> None:
    """Operations, messages, types and elements, as far as they are served; names of ports are of another version."""
    original, ours = contract_of(original_wsi_wsdl()), contract_of(document(style="wsi"))
    for kind in ("messages", "types", "elements"):
        assert {name: original[kind].get(name) for name in ours[kind]} == ours[kind]
    assert [operation for operation in original["operations"] if operation in ours["operations"]] == ours["operations"]
    for name in ("namespace", "service", "style", "transport", "body"):
        assert original["names"][name] == ours["names"][name]


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


@pytest.mark.parametrize("style", ["v2", "wsi"])
def test_a_maho_shop_describes_one_operation_more(style: Style) -> None:
    """Beside ``magentoInfo``; whoever has the WSDL of a Magento sees no difference."""
    plain, maho = (contract_of(document(style=style, namespace=name)) for name in ("urn:OpenMage", "urn:Maho"))
    names = [operation[0] for operation in maho["operations"]]
    assert names[names.index("magentoInfo") + 1] == "mahoInfo"
    assert maho["types"]["mahoInfoEntity"] == [["maho_version", "xsd:string", None]]
    said = [sentence.partition(". ")[0] for sentence in changes(plain, maho)]
    assert [sentence for sentence in said if "became" not in sentence] == [
        "operation mahoInfo is new",
        "message mahoInfoRequest is new",
        "message mahoInfoResponse is new",
        "type mahoInfoEntity is new",
        *(["element mahoInfoRequestParam is new", "element mahoInfoResponseParam is new"] if style == "wsi" else []),
    ]
    assert "aho" not in document(style=style).decode()


def test_an_address_cannot_become_markup() -> None:
    hostile = "http://h/\"><evil/>&amp;?a=1&b='2'"
    root = etree.fromstring(document(hostile))
    assert one(root, f".//{S}address").get("location") == hostile

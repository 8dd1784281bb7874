"""The shop's WSDL with our operations in it, before the stacks that read it and the judges of our own WSDLs.

The shop is a small one made by hand, and a real Magento where the environment names its WSDLs.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import suds.client
import suds.store
import suds.transport
import xmlschema
import zeep
from lxml import etree
from zeep.transports import Transport

from magento_soap.protocols.soap import describe
from magento_soap.protocols.soap.contracts import Style, merged_template
from tests.conftest import original_v2_wsdl, original_wsi_wsdl
from tests.unit.protocols.soap.shop_wsdl import V2, WSI
from tests.unit.protocols.soap.test_zeep import ENCODING_SCHEMA

from .basic_profile import DESCRIPTION, Rule
from .contract_changes import contract_of
from .test_wsdl_schemas import SCHEMAS, compiled_by_libxml2, compiled_by_xmlschema, schemas_of

ADDRESS = "http://shop.example/api/v2_soap/"
WAREHOUSE_IMPORT = '<xs:import namespace="urn:warehouse" schemaLocation="http://nowhere.invalid/warehouse.xsd"/>'
SHELF = '<xs:element name="shelf" type="typens:shelf" minOccurs="0"/>'
SHOPS: Mapping[str, tuple[Style, Callable[[], bytes]]] = {
    "small V2": ("v2", lambda: V2.replace(WAREHOUSE_IMPORT, "").replace(SHELF, "").encode()),
    "small WS-I": ("wsi", WSI.encode),
    "V2": ("v2", original_v2_wsdl),
    "WS-I": ("wsi", original_wsi_wsdl),
    "WS-I, documented": ("wsi-documented", original_wsi_wsdl),
}
NAMESPACES = ["urn:Magento", "urn:OpenMage", "urn:Maho"]


@pytest.fixture(scope="module", params=SHOPS)
def shop(request: pytest.FixtureRequest) -> tuple[Style, bytes]:
    style, document = SHOPS[request.param]
    return style, document()


@pytest.fixture(scope="module", params=NAMESPACES)
def namespace(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def merged(shop: tuple[Style, bytes], namespace: str) -> bytes:
    return merge(*shop, namespace=namespace)


def merge(style: Style, document: bytes, **options: Any) -> bytes:
    return merged_template(style, document, **{"namespace": "urn:Magento", "soapenc_import": "bare", **options}).at(
        ADDRESS
    )


def operations_of(document: bytes) -> set[str]:
    return {operation[0] for operation in contract_of(document)["operations"]}


# The contract


def test_every_operation_of_both_is_there(shop: tuple[Style, bytes], merged: bytes, namespace: str) -> None:
    style, document = shop
    theirs, ours = operations_of(document), operations_of(describe(style, ADDRESS, namespace=namespace))
    hidden = set() if style == "v2" else {"call", "multiCall"}
    assert operations_of(merged) == (theirs - hidden) | ours


def test_our_operations_are_as_in_our_own_wsdl(shop: tuple[Style, bytes], merged: bytes, namespace: str) -> None:
    own, contract = contract_of(describe(shop[0], ADDRESS, namespace=namespace)), contract_of(merged)
    served = {operation[0]: operation for operation in own["operations"]}
    assert {operation[0]: operation for operation in contract["operations"] if operation[0] in served} == served
    for kind in ("messages", "elements"):
        assert {name: contract[kind][name] for name in own[kind]} == own[kind]
    for name, of in own["types"].items():
        assert members_of(of) == [member for member in members_of(contract["types"][name]) if member in members_of(of)]


def members_of(of: Any) -> list[Any]:
    """Names and types of the members of a struct, or what an array is of."""
    return [member[:2] for member in of] if isinstance(of, list) else [of]


@pytest.mark.parametrize(
    ("style", "original"), [("v2", original_v2_wsdl), ("wsi", original_wsi_wsdl)], ids=["V2", "WS-I"]
)
def test_of_a_real_magento_nothing_changes(style: Style, original: Callable[[], bytes]) -> None:
    """Our operations are Magento's; so the merged document promises what the shop's does, in the same order."""
    theirs, contract = contract_of(original()), contract_of(merge(style, original()))
    hidden = ("call", "multiCall") if style == "wsi" else ()
    assert contract["names"] == theirs["names"]
    assert contract["operations"] == [operation for operation in theirs["operations"] if operation[0] not in hidden]
    for kind in ("types", "messages", "elements"):
        kept = {name: each for name, each in theirs[kind].items() if not name.startswith(hidden)}
        assert contract[kind] == kept
        assert [*contract[kind]] == [*kept]


# Judges


def test_its_schemas_compile(merged: bytes, tmp_path: Path) -> None:
    for schema in schemas_of(merged):
        assert compiled_by_xmlschema(schema, tmp_path)
        assert compiled_by_libxml2(schema, tmp_path)


def test_it_is_valid(merged: bytes) -> None:
    """Also where the shop's is not: Magento's WS-I document has soap:operation in the wrong place."""
    of_wsdl = xmlschema.XMLSchema10([str(SCHEMAS / "wsdl.xsd"), str(SCHEMAS / "wsdl-soap.xsd")])
    assert [error.reason for error in of_wsdl.iter_errors(merged.decode())] == []


@pytest.mark.parametrize("name", [name for name, (style, _) in SHOPS.items() if style != "v2"])
@pytest.mark.parametrize("rule", DESCRIPTION, ids=lambda rule: rule.__name__)
def test_we_break_no_rule_of_the_basic_profile(name: str, rule: Rule) -> None:
    """Each rule is broken only where the shop's own document breaks it."""
    style, read = SHOPS[name]
    document = read()
    assert set(rule(etree.fromstring(merge(style, document)))) <= set(rule(etree.fromstring(document)))


# Clients


def test_zeep_reads_it(merged: bytes) -> None:
    class Offline(Transport):
        def load(self, url: str) -> bytes:
            assert url in ("http://shop.example/?wsdl", "http://schemas.xmlsoap.org/soap/encoding/")
            return ENCODING_SCHEMA if "encoding" in url else merged

    client = zeep.Client("http://shop.example/?wsdl", transport=Offline())  # type: ignore[no-untyped-call]
    assert set(dir(client.service)) >= operations_of(merged)
    for name in operations_of(merged):
        assert client.service[name] is not None
    assert client.service._binding_options["address"] == ADDRESS


class NoNetwork(suds.transport.Transport):  # type: ignore[misc]
    """Opens nothing."""

    def open(self, request: Any) -> Any:
        raise AssertionError(f"suds asks for {request.url}")


def test_suds_reads_it(merged: bytes) -> None:
    store = suds.store.DocumentStore(wsdl=merged)
    client = suds.client.Client("suds://wsdl", documentStore=store, cache=None, transport=NoNetwork())
    (definition,) = client.sd
    assert {method[0] for port in definition.ports for method in port[1]} == operations_of(merged)


PHP = r"""
$client = new SoapClient($argv[1], ["cache_wsdl" => WSDL_CACHE_NONE]);
echo json_encode([$client->__getFunctions(), $client->__getTypes()]);
"""


def php(document: bytes, folder: Path) -> subprocess.CompletedProcess[str]:
    """What PHP's SoapClient finds in a WSDL, while PHP cannot open URLs."""
    (folder / "shop.wsdl").write_bytes(document)
    command = ["php", "-d", "allow_url_fopen=0", "-r", PHP, str(folder / "shop.wsdl")]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.php
def test_php_reads_it(merged: bytes, tmp_path: Path) -> None:
    done = php(merged, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    functions, types = json.loads(done.stdout)
    found = {signature.partition("(")[0].rpartition(" ")[2] for signature in functions}
    assert found == operations_of(merged)
    declared = {definition.split()[1].partition("[")[0] for definition in types}
    assert declared >= {name for name, of in contract_of(merged)["types"].items() if isinstance(of, list)}


@pytest.mark.php
def test_php_needs_the_network_for_a_location(tmp_path: Path) -> None:
    """So the test above would notice one."""
    done = php(merge("v2", V2.encode(), soapenc_import="location"), tmp_path)
    assert done.returncode != 0
    assert "schemas.xmlsoap.org" in done.stdout + done.stderr


def test_one_zeep_client_calls_both_kinds() -> None:
    """Requests for what is served and for what is forwarded go to the same address, in the same namespace."""
    document = merge("wsi", WSI.encode(), namespace="urn:OpenMage")

    class Offline(Transport):
        def load(self, url: str) -> bytes:
            return document

    client = zeep.Client("http://shop.example/?wsdl", transport=Offline())  # type: ignore[no-untyped-call]
    ours = client.create_message(client.service, "salesOrderInvoiceInfo", sessionId="s", invoiceIncrementId="1")
    shops = client.create_message(client.service, "catalogProductInfo", sessionId="s", productId="2")
    assert [str(message[0][0].tag) for message in (ours, shops)] == [
        "{urn:OpenMage}salesOrderInvoiceInfoRequestParam",
        "{urn:OpenMage}catalogProductInfoRequestParam",
    ]

"""The shop's WSDL with our operations in it: what becomes of small documents, and which are refused."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from magento_soap.protocols.soap import describe
from magento_soap.protocols.soap.contracts import Style, merged_template
from magento_soap.protocols.soap.interface import operations_of
from magento_soap.protocols.soap.merged_wsdl import MAX_BYTES, MAX_ELEMENTS
from magento_soap.protocols.soap.services import V2_SERVICES
from tests.contract.contract_changes import Contract, S, W, X, contract_of

from .shop_wsdl import V2, WSI

ADDRESS = "http://shop.example/api/v2_soap/"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
NAMESPACES = ["urn:Magento", "urn:OpenMage", "urn:Maho"]
STYLES: list[Style] = ["v2", "wsi", "wsi-documented"]
SERVED = [operation.name for operation in operations_of(V2_SERVICES)]


def merged(shop: str | bytes, style: Style = "v2", **options: Any) -> bytes:
    document = shop.encode() if isinstance(shop, str) else shop
    return merged_template(style, document, **{"namespace": "urn:Magento", "soapenc_import": "bare", **options}).at(
        ADDRESS
    )


def names_of(contract: Contract) -> list[str]:
    return [operation[0] for operation in contract["operations"]]


def replaced(document: str, old: str, new: str, count: int = -1) -> str:
    assert old in document
    return document.replace(old, new, count)


# Operations and messages


def test_operations_of_both_in_the_shops_order_and_ours_behind_them() -> None:
    contract = contract_of(merged(V2))
    assert names_of(contract)[:3] == ["catalogProductList", "salesOrderInvoiceInfo", "login"]
    ours = names_of(contract_of(describe("v2", ADDRESS)))
    assert names_of(contract)[3:] == [name for name in ours if name not in ("salesOrderInvoiceInfo", "login")]


@pytest.mark.parametrize("style", STYLES)
def test_what_is_served_here_is_described_as_here(style: Style) -> None:
    own, contract = contract_of(describe(style, ADDRESS)), contract_of(merged(V2 if style == "v2" else WSI, style))
    operations = {operation[0]: operation for operation in contract["operations"]}
    assert [operations[operation[0]] for operation in own["operations"]] == own["operations"]
    assert {name: contract["messages"][name] for name in own["messages"]} == own["messages"]
    assert {name: contract["elements"][name] for name in own["elements"]} == own["elements"]


def test_what_only_the_shop_has_stays() -> None:
    contract = contract_of(merged(V2))
    assert contract["operations"][0] == [
        "catalogProductList",
        "Retrieve products",
        "catalogProductListRequest",
        "catalogProductListResponse",
    ]
    assert contract["messages"]["catalogProductListResponse"] == [["storeView", "typens:catalogProductEntityArray"]]
    assert contract["types"]["catalogProductEntityArray"] == "typens:catalogProductEntity[]"


def test_generated_code_finds_the_names_that_it_knows() -> None:
    names = contract_of(merged(V2))["names"]
    assert [names[name] for name in ("definitions", "portType", "binding", "service", "port")] == [
        "Shop",
        "PortType",
        "Binding",
        "ShopService",
        "Port",
    ]


def test_soap_actions_are_the_shops() -> None:
    root = etree.fromstring(merged(V2))
    actions = {o.getparent().get("name"): o.get("soapAction") for o in root.iter(f"{S}operation")}  # type: ignore[union-attr]
    assert actions.pop("salesOrderInvoiceInfo") == "urn:InfoAction"
    assert set(actions.values()) == {"urn:Action"}
    assert "salesOrderInvoiceCreate" in actions


def test_a_binding_lacks_nothing_that_its_port_type_has() -> None:
    """The shop's port type has ``login``, and its binding here has not."""
    start = V2.index('<operation name="login">\n')
    end = V2.index("</operation>", start) + len("</operation>")
    root = etree.fromstring(merged(V2[:start] + V2[end:]))
    described, bound = (
        [o.get("name") for o in root.iterfind(f"{W}{of}/{W}operation")] for of in ("portType", "binding")
    )
    assert sorted(map(str, described)) == sorted(map(str, bound))
    assert bound.count("login") == 1


def test_messages_that_no_operation_has_any_more_are_gone() -> None:
    assert "invoiceInfoResponse" not in contract_of(merged(V2))["messages"]
    kept = replaced(V2, 'name="invoiceInfoResponse"', 'name="unused"/><message name="invoiceInfoResponse"')
    assert "unused" in contract_of(merged(kept))["messages"], "what was not used before is not ours to remove"


def test_wsi_has_no_call() -> None:
    contract = contract_of(merged(WSI, "wsi"))
    assert names_of(contract)[:2] == ["login", "catalogProductInfo"]
    assert not {"call", "callResponse"} & contract["messages"].keys()
    assert not {"callParam", "callResponseParam"} & contract["elements"].keys()
    assert "catalogProductInfoRequestParam" in contract["elements"]


def test_v2_keeps_a_call() -> None:
    assert "call" in names_of(contract_of(merged(V2.replace("catalogProductList", "call"))))


def test_soap_operation_comes_first() -> None:
    """WSDL's schema demands it, and Magento's WS-I document has it last."""
    for operation in etree.fromstring(merged(WSI, "wsi")).iterfind(f"{W}binding/{W}operation"):
        tags = [child.tag for child in operation if child.tag != f"{W}documentation"]
        assert tags == [f"{S}operation", f"{W}input", f"{W}output"]
        assert operation.find(f"{W}documentation") in (None, operation[0])


# Operations that are forwarded although they are served


@pytest.mark.parametrize("style", STYLES)
def test_forwarded_operations_stay_as_the_shop_describes_them(style: Style) -> None:
    shop = V2 if style == "v2" else WSI
    theirs, contract = contract_of(shop.encode()), contract_of(merged(shop, style, forwarded={"login"}))
    index = names_of(contract).index("login")
    assert contract["operations"][index] == ["login", None, "login", "loginResponse"]
    for kind in ("messages", "elements"):
        own = {name: parts for name, parts in theirs[kind].items() if name.startswith("login")}
        assert {name: contract[kind][name] for name in own} == {
            name: [[part[0], part[1].replace("xs:", "xsd:"), *part[2:]] for part in parts]
            for name, parts in own.items()
        }


def test_a_type_is_the_shops_if_no_operation_of_ours_has_it() -> None:
    shop = replaced(V2, 'name="catalogProductList"', 'name="salesOrderInvoiceList"')

    def members(*forwarded: str) -> int:
        return len(contract_of(merged(shop, forwarded=forwarded))["types"]["salesOrderInvoiceEntity"])

    assert members("salesOrderInvoiceInfo", "salesOrderInvoiceList") == 3
    assert members("salesOrderInvoiceInfo") > 3
    assert members("salesOrderInvoiceList") > 3


def test_a_forwarded_operation_that_the_shop_lacks_is_ours() -> None:
    contract = contract_of(merged(V2, forwarded={"magentoInfo"}))
    assert "magentoInfo" in names_of(contract)
    assert contract["messages"]["magentoInfoResponse"] == [["info", "typens:magentoInfoEntity"]]


def test_mahos_operation_is_described_where_the_shop_has_it() -> None:
    assert "mahoInfo" not in names_of(contract_of(merged(V2)))
    assert "mahoInfo" in names_of(contract_of(merged(V2, namespace="urn:Maho")))
    maho = contract_of(merged(V2.replace("catalogProductList", "mahoInfo")))
    assert maho["messages"]["mahoInfoResponse"] == [["info", "typens:mahoInfoEntity"]]
    assert "mahoInfoEntity" in maho["types"]


def test_another_operation_with_one_of_our_messages() -> None:
    """It works with the same parts only: the message cannot have both forms."""
    assert merged(
        replaced(V2, 'output message="shop:catalogProductListResponse"', 'output message="shop:loginResponse"')
    )
    other = replaced(
        V2, 'input message="shop:catalogProductListRequest"', 'input message="shop:salesOrderInvoiceInfoRequest"'
    )
    with pytest.raises(ValueError, match="catalogProductList has the message salesOrderInvoiceInfoRequest"):
        merged(other)
    assert merged(other, forwarded={"salesOrderInvoiceInfo"})


# Types


def test_a_type_of_both_is_ours_with_the_members_that_only_the_shop_has() -> None:
    """They keep their place and become optional. What the shop lets clients leave out can still be left out."""
    own = contract_of(describe("v2", ADDRESS))["types"]["salesOrderInvoiceEntity"]
    members = contract_of(merged(V2))["types"]["salesOrderInvoiceEntity"]
    assert members == [own[0], ["note", "typens:invoiceNote", "0"], *own[1:]]
    assert [member[:2] for member in own[:2]] == [["increment_id", "xsd:string"], ["parent_id", "xsd:string"]]
    parent = etree.fromstring(merged(V2)).find(f".//{X}element[@name='parent_id']")
    assert parent is not None
    assert (parent.get("type"), parent.get("nillable")) == ("xsd:string", "true")
    assert contract_of(merged(V2))["types"]["associativeEntity"] == [
        ["key", "xsd:string", None],
        ["value", "xsd:string", "0"],
    ]


def test_members_that_repeat_need_a_sequence() -> None:
    note = '<xs:element name="note" type="shop:invoiceNote"/>'
    document = merged(replaced(V2, note, note.replace("/>", ' maxOccurs="unbounded"/>')))
    entity = etree.fromstring(document).find(f".//{X}complexType[@name='salesOrderInvoiceEntity']")
    assert entity is not None
    assert [child.tag for child in entity] == [f"{X}sequence"]


def test_a_type_of_another_kind_is_ours() -> None:
    array = (
        '<xs:restriction base="enc:Array"><xs:attribute ref="enc:arrayType" w:arrayType="xs:int[]"/></xs:restriction>'
    )
    start = V2.index('<xs:complexType name="associativeEntity">')
    end = V2.index("</xs:complexType>", start)
    other = (
        f'{V2[:start]}<xs:complexType name="associativeEntity"><xs:complexContent>{array}</xs:complexContent>{V2[end:]}'
    )
    own = contract_of(describe("v2", ADDRESS))
    assert contract_of(merged(other))["types"]["associativeEntity"] == own["types"]["associativeEntity"]


def test_a_shop_without_types() -> None:
    start, end = V2.index("<types>"), V2.index("</types>") + len("</types>")
    own = contract_of(describe("v2", ADDRESS))
    assert contract_of(merged(V2[:start] + V2[end:]))["types"] == own["types"]
    assert contract_of(merged(V2[:start] + "<types/>" + V2[end:]))["types"] == own["types"]


# Namespaces, addresses, imports


@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize(("shop", "style"), [(V2, "v2"), (WSI, "wsi")])
def test_our_namespace_is_everywhere(shop: str, style: Style, namespace: str) -> None:
    document = merged(shop, style, namespace=namespace)
    root = etree.fromstring(document)
    assert {uri for uri in NAMESPACES if uri.encode() in document} == {namespace}
    assert root.nsmap["typens"] == root.get("targetNamespace") == namespace
    assert {b.get("namespace") for b in root.iter(f"{S}body")} == {namespace if style == "v2" else None}
    assert dangling(root) == set()


def test_other_namespaces_keep_their_meaning() -> None:
    """The shop's prefix for its warehouse is what ours is for the service."""
    root = etree.fromstring(merged(V2))
    shelf = root.find(f".//{X}element[@name='shelf']")
    assert shelf is not None
    prefix, _, name = str(shelf.get("type")).partition(":")
    assert (shelf.nsmap[prefix], name) == ("urn:warehouse", "shelf")


def test_a_name_without_prefix_is_the_services() -> None:
    """In WSDL's namespace or in none there is nothing that it could name."""
    plain = V2.replace('message="shop:', 'message="').replace('type="shop:invoiceNote"', 'type="invoiceNote"')
    assert merged(plain) == merged(V2)
    assert merged(replaced(WSI, "typens:catalogProductEntity", "catalogProductEntity"), "wsi") == merged(WSI, "wsi")


def test_a_prefix_that_is_not_declared_stays() -> None:
    members = contract_of(merged(replaced(V2, "shop:invoiceNote", "other:invoiceNote")))["types"]
    assert members["salesOrderInvoiceEntity"][1][1] == "other:invoiceNote"


def test_extensions_stay_as_they_are() -> None:
    """But for elements without namespace, which would get WSDL's."""
    extension = '<p:Policy xmlns:p="urn:policy" type="plain"><p:All/></p:Policy><Policy xmlns=""/>'
    root = etree.fromstring(
        merged(replaced(V2, '<service name="ShopService">', f'<service name="ShopService">{extension}'))
    )
    service = root.find(f"{W}service")
    assert service is not None
    assert [child.tag for child in service] == ["{urn:policy}Policy", f"{W}port"]
    assert service[0].get("type") == "plain"
    assert service[0][0].tag == "{urn:policy}All"


def test_every_address_is_ours() -> None:
    port = '<port name="Other" binding="shop:Binding"><s:address location="http://php.invalid/"/></port>'
    root = etree.fromstring(merged(replaced(V2, "</service>", f"{port}</service>")))
    assert [address.get("location") for address in root.iter(f"{S}address")] == [ADDRESS, ADDRESS]


@pytest.mark.parametrize(
    ("option", "attributes"),
    [
        ("bare", [{"namespace": ENCODING}]),
        ("location", [{"namespace": ENCODING, "schemaLocation": ENCODING}]),
        ("none", []),
    ],
)
def test_the_import_of_the_encoding_schema(option: str, attributes: list[dict[str, str]]) -> None:
    root = etree.fromstring(merged(V2, soapenc_import=option))
    found = [dict(e.attrib) for e in root.iter(f"{X}import")]
    assert [each for each in found if each["namespace"] == ENCODING] == attributes
    assert {"namespace": "urn:warehouse"} in found


@pytest.mark.parametrize(("shop", "style"), [(V2, "v2"), (WSI, "wsi")])
def test_nothing_makes_a_client_use_the_network(shop: str, style: Style) -> None:
    document = merged(shop, style).decode()
    urls = set(re.findall(r"https?://[^\"'< ]+", document))
    known = ("http://schemas.xmlsoap.org/", "http://www.w3.org/2001/XMLSchema", ADDRESS)
    assert {url for url in urls if not url.startswith(known)} == set()
    assert "schemaLocation" not in document


def dangling(root: etree._Element) -> set[str]:
    """References to types, elements and messages of the service that nothing declares."""
    of_schemas = {
        f"typens:{declared.get('name')}"
        for schema in root.iterfind(f"{W}types/{X}schema[@targetNamespace='{root.get('targetNamespace')}']")
        for declared in schema
    }
    of_wsdl = {
        f"typens:{each.get('name')}" for tag in ("message", "binding", "portType") for each in root.iter(W + tag)
    }
    attributes = ("type", "element", "base", "ref", "message", "binding", f"{W}arrayType")
    used = {str(each.get(name)).rstrip("[]") for each in root.iter("*") for name in attributes if each.get(name)}
    return {name for name in used if name.startswith("typens:")} - of_schemas - of_wsdl


# Several ports


def test_operations_are_replaced_in_whichever_port_they_are() -> None:
    """A module's own port type has ``magentoInfo``; it is not added to the first one."""
    module = replaced(
        V2,
        "<service ",
        """<portType name="ModulePort"><operation name="magentoInfo"/><operation name="moduleCall"/></portType>
        <binding name="ModuleBinding" type="shop:ModulePort"><s:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
          <operation name="magentoInfo"/><operation name="moduleCall"/></binding>
        <binding name="Get" type="shop:PortType"><operation name="login"/></binding><service """,
    )
    ports = """<port name="Module" binding="shop:ModuleBinding"><s:address location="http://php.invalid/m"/></port>
        <port name="Get" binding="shop:Get"/><port name="Missing" binding="shop:Missing"/>"""
    root = etree.fromstring(merged(replaced(module, "</service>", f"{ports}</service>")))

    def operations(tag: str, name: str) -> list[str | None]:
        return [operation.get("name") for operation in root.iterfind(f"{W}{tag}[@name='{name}']/{W}operation")]

    assert (
        operations("portType", "ModulePort") == operations("binding", "ModuleBinding") == ["magentoInfo", "moduleCall"]
    )
    assert operations("portType", "PortType") == operations("binding", "Binding")
    assert "magentoInfo" not in operations("portType", "PortType")
    assert set(SERVED) - {"magentoInfo", "mahoInfo"} <= set(operations("portType", "PortType"))
    described = root.find(f"{W}portType[@name='ModulePort']/{W}operation[@name='magentoInfo']/{W}output")
    assert described is not None
    assert described.get("message") == "typens:magentoInfoResponse"
    assert operations("binding", "Get") == ["login"]
    assert len(root.findall(f"{W}binding[@name='Get']/{W}operation/*")) == 0, "a binding that is not SOAP's stays"


# Merging twice


@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize("soapenc_import", ["bare", "location", "none"])
@pytest.mark.parametrize("style", STYLES)
def test_our_own_wsdl_is_not_changed(style: Style, namespace: str, soapenc_import: Any) -> None:
    options: dict[str, Any] = {"namespace": namespace, "soapenc_import": soapenc_import}
    own = describe(style, ADDRESS, **options)
    assert merged(own, style, **options) == own


@pytest.mark.parametrize("forwarded", [set(), {"login", "salesOrderInvoiceInfo"}])
@pytest.mark.parametrize("style", STYLES)
def test_merging_again_changes_nothing(style: Style, forwarded: set[str]) -> None:
    once = merged(V2 if style == "v2" else WSI, style, forwarded=forwarded)
    assert merged(once, style, forwarded=forwarded) == once


def test_prefixes_make_no_difference() -> None:
    """The same document with other prefixes, and with wsdl as prefix or by default."""
    own = describe("v2", ADDRESS).decode()
    other = own.replace("wsdl:", "").replace("xmlns:wsdl", "xmlns:w").replace(" arrayType=", " w:arrayType=")
    other = other.replace("typens", "a").replace("xsd:", "b:").replace("xmlns:xsd", "xmlns:b").replace("soapenc", "c")
    assert etree.fromstring(other.encode()).prefix is None
    assert merged(other) == own.encode()


def without(document: bytes, names: Collection[str | None]) -> bytes:
    """A WSDL without operations of these names."""
    root = etree.fromstring(document)
    for operation in root.findall(f"*/{W}operation"):
        parent = operation.getparent()
        if operation.get("name") in names and parent is not None:
            parent.remove(operation)
    return etree.tostring(root)


@given(
    missing=st.sets(st.sampled_from([*SERVED, "catalogProductList", "catalogProductInfo"])),
    forwarded=st.sets(st.sampled_from(SERVED)),
    style=st.sampled_from(STYLES),
    namespace=st.sampled_from(NAMESPACES),
)
def test_whatever_the_shop_has(missing: set[str | None], forwarded: set[str], style: Style, namespace: str) -> None:
    """Of a shop with any of the operations, all are described, and all references lead somewhere."""
    shop = without(merged(V2 if style == "v2" else WSI, style), missing)
    document = merged(shop, style, namespace=namespace, forwarded=forwarded)
    root, theirs, own = etree.fromstring(document), contract_of(shop), describe(style, ADDRESS, namespace=namespace)
    names = names_of(contract_of(document))
    assert names[: len(names_of(theirs))] == names_of(theirs)
    assert sorted(names) == sorted({*names_of(theirs), *names_of(contract_of(own))})
    assert names == [operation.get("name") for operation in root.iterfind(f"{W}binding/{W}operation")]
    assert dangling(root) == set()
    assert merged(document, style, namespace=namespace, forwarded=forwarded) == document


# What is refused


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        pytest.param("", "cannot be read", id="nothing"),
        pytest.param("<html><body>Maintenance<br></body></html>", "cannot be read", id="HTML"),
        pytest.param("<html><body>Maintenance</body></html>", "begins with html", id="XHTML"),
        pytest.param(V2[:3000], "cannot be read", id="truncated"),
        pytest.param("\x1f\x8b\x08", "cannot be read", id="compressed"),
        pytest.param(replaced(V2, "<!-- made", "<!DOCTYPE definitions><!-- made"), "DTD", id="DTD"),
        pytest.param(
            replaced(V2, "<!-- made", '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><!-- made'),
            "ENTITY",
            id="entity",
        ),
        pytest.param(V2.replace(' targetNamespace="urn:OpenMage"', ""), "targetNamespace", id="no namespace"),
        pytest.param(replaced(V2, "<types>", '<import namespace="a" location="b"/><types>'), "includes", id="import"),
        pytest.param(
            replaced(
                V2,
                '<xs:complexType name="invoiceNote">',
                '<xs:include schemaLocation="b"/><xs:complexType name="invoiceNote">',
            ),
            "includes",
            id="include",
        ),
        pytest.param(replaced(V2, 'name="PortType"', 'name="Other"'), "no port type PortType", id="no port type"),
        pytest.param(replaced(V2, '<binding name="Binding"', '<binding name="Other"'), "no SOAP port", id="no binding"),
        pytest.param(re.sub("<port .*</port>", "", V2), "no SOAP port of style rpc .none at all", id="no port"),
        pytest.param(WSI, r"no SOAP port of style rpc \(document\)", id="another style"),
        pytest.param("<a>" * 300 + "</a>" * 300, "cannot be read", id="depth"),
        pytest.param(f"<a>{'<a/>' * MAX_ELEMENTS}</a>", "too large", id="elements"),
        pytest.param(f"{V2}{' ' * MAX_BYTES}", "more than 16777216 bytes", id="bytes"),
    ],
)
def test_what_is_no_such_wsdl(document: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        merged(document.encode("latin-1"))


def test_a_large_wsdl_is_read() -> None:
    """A shop with ten times as many operations as Magento."""
    product = V2[
        V2.index('<xs:complexType name="invoiceNote">') : V2.index('<xs:complexType name="associativeEntity">')
    ]
    many = "".join(product.replace("invoiceNote", f"note{number}") for number in range(10_000))
    assert len(contract_of(merged(replaced(V2, product, product + many)))["types"]) > 10_000


def test_other_encodings_are_read() -> None:
    text = V2.replace("Retrieve <b>products</b>", "Köögi").replace("UTF-8", "ISO-8859-1")
    assert contract_of(merged(text.encode("iso-8859-1")))["operations"][0][1] == "Köögi"
    assert (
        contract_of(merged(V2.replace("UTF-8", "UTF-16").encode("utf-16")))["operations"][0][0] == "catalogProductList"
    )

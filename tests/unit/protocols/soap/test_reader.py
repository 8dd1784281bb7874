"""Decoding of SOAP section 5, untyped and typed (BEHAVIOUR 2.3)."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree
from spyne.model.fault import Fault

from magento_soap.api.values import Struct
from magento_soap.protocols.soap import references as limits
from magento_soap.protocols.soap.interface import type_of
from magento_soap.protocols.soap.reader import TypeReaders
from magento_soap.protocols.soap.references import References
from magento_soap.protocols.soap.types.common import AnyType, Filters, Text
from magento_soap.protocols.soap.types.orders import OrderItemIdQty, OrderItemIdQtyArray
from magento_soap.protocols.soap.untyped_reader import read_any

from .wire import NAMESPACES, without_structs


def element(xml: str) -> etree._Element:
    return etree.fromstring(f"<root {NAMESPACES}>{xml}</root>")[0]


def decoded(xml: str) -> Any:
    found = element(xml)
    return without_structs(read_any(found, References(found.getroottree().getroot())))


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        ("<a>x</a>", "x"),
        ("<a/>", ""),
        ("<a> x </a>", " x "),
        ('<a xsi:nil="true"/>', None),
        ('<a xsi:nil="0">x</a>', None),
        ('<a xsi:type="xsd:int">5</a>', 5),
        ('<a xsi:type="xsd:int">5.7</a>', 5.7),
        ('<a xsi:type="xsd:int"/>', None),
        ('<a xsi:type="xsd:int">99999999999999999999</a>', 1e20),
        ('<a xsi:type="xsd:long"> 12 </a>', 12),
        ('<a xsi:type="xsd:double">1</a>', 1.0),
        ('<a xsi:type="xsd:float">1.5e3</a>', 1500.0),
        ('<a xsi:type="xsd:decimal">1.50</a>', "1.50"),
        ('<a xsi:type="xsd:boolean">true</a>', True),
        ('<a xsi:type="xsd:boolean">F</a>', False),
        ('<a xsi:type="xsd:boolean">yes</a>', True),
        ('<a xsi:type="SOAP-ENC:string">x</a>', "x"),
        ('<a xsi:type="ns1:unknown">x</a>', "x"),
        ('<a xsi:type="unbound:string">x</a>', "x"),
        ('<a xsi:type="http://www.w3.org/2001/XMLSchema:int">5</a>', 5),
        ('<a xsi:type="xsd:array">x</a>', "x"),
        ('<a xsi:type="xsd:struct">x</a>', "x"),
        ('<a xsi:type="xsd:unknown">x</a>', "x"),
        ('<a xsi:type="xsd:base64Binary">w6k=</a>', "é"),
        ('<a xsi:type="xsd:hexBinary">c3a9</a>', "é"),
        ('<a xsi:type="xsd:token">  a  b </a>', "a b"),
        ("<a><![CDATA[<1>]]></a>", "<1>"),
    ],
)
def test_scalars(xml: str, value: Any) -> None:
    got = decoded(xml)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    "text", ["abc", "", "1_000", "nan", "INF", "1e999", "0x10", "--1", "٣", "1,5"], ids=lambda t: t or "blank"
)
def test_no_number_violates_the_encoding(text: str) -> None:
    with pytest.raises(Fault, match="Violation of encoding rules"):
        decoded(f'<a xsi:type="xsd:int">{text or " "}</a>')


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        ("<a><b>1</b><c><d>2</d></c></a>", ("struct", {"b": "1", "c": ("struct", {"d": "2"})})),
        ("<a><b>1</b><b>2</b></a>", ("struct", {"b": ["1", "2"]})),
        ('<a xmlns="urn:x"><b xmlns="">1</b></a>', ("struct", {"b": "1"})),
        ('<a xsi:type="SOAP-ENC:Struct"><b>1</b></a>', ("struct", {"b": "1"})),
        ('<a xsi:type="SOAP-ENC:Struct"/>', ("struct", {})),
        ('<a xsi:type="ns2:Map"><item><key>x</key><value>1</value></item></a>', {"x": "1"}),
        ('<a xsi:type="ns2:Map"><item><value>1</value><key xsi:type="xsd:int">7</key></item></a>', {7: "1"}),
        ('<a xsi:type="ns2:Map"><item><key>7</key><value>1</value></item></a>', {7: "1"}),
        ('<a xsi:type="ns2:Map"><item><key>07</key><value>1</value></item></a>', {"07": "1"}),
        ('<a xsi:type="ns2:Map"><item><key>0</key><value>1</value></item></a>', ["1"]),
        ('<a xsi:type="ns2:Map"/>', None),
        ('<a xsi:type="ns2:Map"> </a>', None),
        (
            '<a xsi:type="http://xml.apache.org/xml-soap:Map"><item><key>x</key><value>1</value></item></a>',
            {"x": "1"},
        ),
        ('<a SOAP-ENC:arrayType="http://www.w3.org/2001/XMLSchema:int[1]"><x>1</x></a>', [1]),
        ('<a xsi:type="xsd:struct"><b>1</b></a>', ("struct", {"b": "1"})),
        ('<a xsi:type="xsd:unknown"><b>1</b></a>', ("struct", {"b": "1"})),
        ('<a xsi:type="xsd:array"><item>1</item><item>2</item></a>', ["1", "2"]),
        ('<a xsi:type="xsd:array"><b>1</b><c>2</c></a>', ("struct", {"b": "1", "c": "2"})),
        ('<a xsi:type="xsd:array"/>', []),
        ('<a SOAP-ENC:arrayType="xsd:struct[1]"><i><b>1</b></i></a>', [("struct", {"b": "1"})]),
        ('<a xsi:type="SOAP-ENC:Array"/>', []),
        ('<a xsi:type="SOAP-ENC:Array"><x>1</x><y>2</y></a>', ["1", "2"]),
        ('<a SOAP-ENC:arrayType="xsd:int[2]"><x>1</x><x>2</x></a>', [1, 2]),
        ('<a SOAP-ENC:arrayType="xsd:anyType[1]" xsi:type="xsd:anyType"><x>1</x></a>', ["1"]),
        ('<a SOAP-ENC:arrayType="nope:T[1]"><x>1</x></a>', ["1"]),
        (
            '<a SOAP-ENC:arrayType="ns2:Map[1]"><i><item><key>k</key><value>v</value></item></i></a>',
            [{"k": "v"}],
        ),
        ('<a SOAP-ENC:arrayType="xsd:string[3]" SOAP-ENC:offset="[1]"><x>1</x></a>', {1: "1"}),
        ('<a SOAP-ENC:arrayType="xsd:string[2]"><x SOAP-ENC:position="[1]">b</x></a>', {1: "b"}),
        (
            '<a SOAP-ENC:arrayType="xsd:int[2,2]"><x>1</x><x>2</x><x>3</x><x>4</x></a>',
            [[1, 2], [3, 4]],
        ),
    ],
)
def test_composites(xml: str, value: Any) -> None:
    assert decoded(xml) == value


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("<item><key>a</key></item>", "missing value"),
        ("<item><value>a</value></item>", "missing key"),
        ("<item><key><x>1</x></key><value>a</value></item>", "only Strings or Longs"),
    ],
)
def test_maps_that_are_none(inside: str, text: str) -> None:
    with pytest.raises(Fault, match=text):
        decoded(f'<a xsi:type="ns2:Map">{inside}</a>')


def test_references_lead_anywhere_in_the_document() -> None:
    assert decoded('<a href="#1"/><multiRef id="1"><b href="#2"/></multiRef><x id="2" xsi:type="xsd:int">4</x>') == (
        "struct",
        {"b": 4},
    )


@pytest.mark.parametrize(
    "xml",
    [
        '<a href="#nowhere"/>',
        '<a href="http://elsewhere/"/>',
        '<a href="#1"/><x id="1" href="#2"/><x id="2" href="#1"/>',
    ],
)
def test_references_that_lead_nowhere(xml: str) -> None:
    with pytest.raises(Fault, match="Unresolved reference"):
        decoded(xml)


def test_a_value_that_contains_itself_is_refused() -> None:
    with pytest.raises(Fault):
        decoded('<a href="#1"/><x id="1"><b href="#1"/></x>')


def test_the_text_behind_references_is_bounded_and_shared() -> None:
    text = f'<x id="1">{"x" * 100_000}</x>'
    found = element("<a>" + '<b href="#1"/>' * 80 + f"</a>{text}")
    read: Any = read_any(found, References(found.getroottree().getroot()))
    first, *others = read["b"]
    assert all(other is first for other in others)
    for behind in (text, f'<x id="1" xsi:type="{"x" * 100_000}"/>', f'<x id="1"><y>{"x" * 100_000}</y></x>'):
        with pytest.raises(Fault, match="Unresolved reference"):
            decoded("<a>" + '<b href="#1"/>' * 90 + f"</a>{behind}")


def test_shared_values_are_read_for_each_type_and_count_each_time() -> None:
    item = '<x id="1"><order_item_id>7</order_item_id><qty>2</qty></x>'
    items = element(f'<a><b href="#1"/></a>{item}')
    references = References(items.getroottree().getroot())
    readers = TypeReaders({"urn:Magento"})
    assert readers.reader(type_of(OrderItemIdQty))(items[0], references, 0) == {"order_item_id": 7, "qty": 2.0}
    assert read_any(items[0], references) == {"order_item_id": "7", "qty": "2"}
    lattice = "".join(f'<x id="{i}">' + f'<b href="#{i + 1}"/>' * 10 + "</x>" for i in range(5))
    with pytest.raises(Fault, match="Unresolved reference"):
        decoded(f'<a href="#0"/>{lattice}<x id="5">end</x>')


def test_arrays_have_at_most_eight_dimensions_and_few_rows() -> None:
    def array(dimensions: int, items: str) -> Any:
        return decoded(f'<a SOAP-ENC:arrayType="xsd:string[{",".join("1" * dimensions)}]">{items}</a>')

    assert array(8, "<i>x</i>") == [[[[[[[["x"]]]]]]]]
    for dimensions in (9, 100, 10_000):
        with pytest.raises(Fault, match="Violation of encoding rules"):
            array(dimensions, "<i>x</i>")
    assert len(array(2, "<i/>" * 20_000)) == 20_000
    with pytest.raises(Fault, match="Violation of encoding rules"):
        array(2, "<i/>" * 20_001)


@pytest.mark.parametrize("everywhere", [False, True])
def test_prefixes_mean_what_the_nearest_declaration_says(everywhere: bool) -> None:
    inner = ' xmlns:xsd="urn:else"' if everywhere else ""
    found = element(f'<a{inner} xsi:type="xsd:int">5</a>')
    root = found.getroottree().getroot()
    references = References(root, all_declared_at_root=not everywhere)
    assert read_any(found, references) == ("5" if everywhere else 5)


def test_declarations_are_not_looked_at_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_DECLARATIONS_READ", 5000)
    declarations = " ".join(f'xmlns:p{number}="u"' for number in range(1000))
    for items in (1, 2, 3, 4):
        assert decoded(f"<a {declarations}>" + '<i xsi:type="xsd:int">1</i>' * items + "</a>")
    with pytest.raises(Fault, match="too large"):
        decoded(f"<a {declarations}>" + '<i xsi:type="xsd:int">1</i>' * 5 + "</a>")


def test_references_do_not_multiply_without_bound() -> None:
    """Ten levels of ten references each would be 10^10 values in a document of a few kilobytes."""
    levels = ""
    for i in range(10):
        members = f'<b href="#{i + 1}"/>' * 10
        levels += f'<x id="{i}">{members}</x>'
    with pytest.raises(Fault, match="Unresolved reference"):
        decoded(f'<a href="#0"/>{levels}<x id="10">end</x>')


@pytest.fixture
def readers() -> TypeReaders:
    return TypeReaders({"urn:Magento", "urn:OpenMage"})


def typed(readers: TypeReaders, of: Any, xml: str) -> Any:
    found = element(xml)
    return without_structs(readers.reader(of)(found, References(found.getroottree().getroot()), 0))


ITEM = ("struct", {"order_item_id": 5, "qty": 2.0})


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        ("<q><i><order_item_id>5</order_item_id><qty>2</qty></i></q>", [ITEM]),
        ("<q><order_item_id>5</order_item_id><qty>2</qty></q>", ITEM),
        ('<q xsi:type="ns1:orderItemIdQty"><order_item_id>5</order_item_id><qty>2</qty></q>', ITEM),
        (
            '<q xsi:type="SOAP-ENC:Array" SOAP-ENC:arrayType="ns1:orderItemIdQty[1]">'
            "<i><order_item_id>5</order_item_id><qty>2</qty></i></q>",
            [ITEM],
        ),
        ('<q><i xsi:type="ns1:orderItemIdQty"><qty>2</qty><other>x</other></i></q>', [("struct", {"qty": 2.0})]),
        ('<q xsi:type="ns2:Map"><item><key>5</key><value>2</value></item></q>', {5: "2"}),
        (
            '<q SOAP-ENC:arrayType="ns2:Map[1]" xsi:type="SOAP-ENC:Array"><item xsi:type="ns2:Map">'
            "<item><key>qty</key><value>2</value></item></item></q>",
            [{"qty": "2"}],
        ),
        ("<q/>", []),
        ("<q>\n</q>", []),
        ("<q>abc</q>", "abc"),
        ('<q xsi:nil="1"/>', None),
        ("<q><i/></q>", [("struct", {})]),
        (
            '<q xsi:type="xsd:array"><item xsi:type="xsd:struct"><order_item_id>5</order_item_id><qty>2</qty></item>'
            "</q>",
            [ITEM],
        ),
        ("<q><i><sku>a</sku><number>1</number></i></q>", [("struct", {"sku": "a", "number": "1"})]),
        ("<q><i>5</i></q>", ["5"]),
        ("<q><i> </i></q>", [("struct", {})]),
    ],
)
def test_quantities_in_every_shape(readers: TypeReaders, xml: str, value: Any) -> None:
    assert typed(readers, type_of(OrderItemIdQtyArray), xml) == value


def test_text_where_a_scalar_is_declared_and_children_are_sent(readers: TypeReaders) -> None:
    with pytest.raises(Fault, match="Violation of encoding rules"):
        typed(readers, type_of(Text), "<a><b/></a>")


PAIR = "<key>state</key><value>3</value>"
ENTRY = ("struct", {"key": "state", "value": "3"})


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        (f'<f xsi:type="http://xml.apache.org/xml-soap:Map"><item>{PAIR}</item></f>', {"state": "3"}),
        (f'<f xsi:type="xsd:array"><item>{PAIR}</item></f>', [ENTRY]),
        (f'<f xsi:type="xsd:struct"><filter xsi:type="xsd:array"><i>{PAIR}</i></filter></f>', {"filter": [ENTRY]}),
        (f"<f><filter><item>{PAIR}</item></filter></f>", {"filter": [ENTRY]}),
        (f"<f><filter><complexObjectArray>{PAIR}</complexObjectArray></filter></f>", {"filter": [ENTRY]}),
        (f"<f><filter>{PAIR}</filter></f>", {"filter": ENTRY}),
        (f"<f><Filter><item>{PAIR}</item></Filter></f>", {"Filter": ("struct", {"item": ENTRY})}),
        (f"<f><item>{PAIR}</item></f>", {"item": ENTRY}),
        (f"<f><filter/><filters><i>{PAIR}</i></filters></f>", {"filter": [], "filters": ("struct", {"i": ENTRY})}),
        ('<f><filter/><other/><more xsi:nil="true"/></f>', {"filter": []}),
        ("<f>state=3</f>", "state=3"),
        ('<f xsi:type="ns2:Map">state=3</f>', "state=3"),
        ('<f xsi:type="SOAP-ENC:Array">state=3</f>', "state=3"),
        ('<f xsi:type="SOAP-ENC:Struct">state=3</f>', "state=3"),
        ('<f xsi:type="ns1:filters">state=3</f>', "state=3"),
        (f'<f xsi:type="ns2:Map"><entry>{PAIR}</entry></f>', {"entry": ENTRY}),
        (f'<f xsi:type="SOAP-ENC:Struct"><item>{PAIR}</item></f>', {"item": ENTRY}),
        ('<f><filter SOAP-ENC:arrayType="ns1:associativeEntity[1]">state</filter></f>', {"filter": "state"}),
        (
            '<f><filter SOAP-ENC:arrayType="ns1:nope[1]" xsi:type="SOAP-ENC:Array">state</filter></f>',
            {"filter": "state"},
        ),
        ('<f><filter xsi:type="ns1:nope">state</filter></f>', {"filter": "state"}),
        ("<f><filter>state</filter></f>", {"filter": "state"}),
        ("<f><filter><i>state</i></filter></f>", {"filter": ["state"]}),
        ("<f><filter><state>3</state></filter></f>", {"filter": ["3"]}),
        (
            "<f><filter><i><field>state</field><is>3</is></i></filter></f>",
            {"filter": [("struct", {"field": "state", "is": "3"})]},
        ),
        (
            "<f><filter><i><key>state</key><is>3</is></i></filter></f>",
            {"filter": [("struct", {"key": "state", "is": "3"})]},
        ),
        (
            "<f><complex_filter><i><key>state</key><value>3</value></i></complex_filter></f>",
            {"complex_filter": [("struct", {"key": "state", "value": "3"})]},
        ),
        (
            "<f><complex_filter><i><key>state</key><value><op>eq</op></value></i></complex_filter></f>",
            {"complex_filter": [("struct", {"key": "state", "value": ("struct", {"op": "eq"})})]},
        ),
    ],
)
def test_a_filter_that_was_sent_never_passes_for_none(readers: TypeReaders, xml: str, value: Any) -> None:
    """PHP drops members that it does not know, and Magento answers with every row."""
    read = typed(readers, type_of(Filters), xml)
    assert (read[1] if isinstance(read, tuple) else read) == value


def test_an_array_where_a_scalar_is_declared(readers: TypeReaders) -> None:
    """Whether it stands for the scalar in it is decided where an id is expected."""
    assert typed(readers, type_of(Text), '<a xsi:type="xsd:array"><item>1</item></a>') == ["1"]


def test_nesting_is_bounded(readers: TypeReaders) -> None:
    deep = "<a>" * (limits.MAX_DEPTH + 2) + "</a>" * (limits.MAX_DEPTH + 2)
    with pytest.raises(Fault, match="Invalid XML"):
        typed(readers, type_of(AnyType), deep)


def test_structs_are_structs(readers: TypeReaders) -> None:
    found = element("<f><filter/></f>")
    assert isinstance(readers.reader(type_of(Filters))(found, References(found), 0), Struct)

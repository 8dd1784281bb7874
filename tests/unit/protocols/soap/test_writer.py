"""Encoding as PHP's SoapServer does it, and back again through the reader."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from magento_soap.api.values import Struct
from magento_soap.protocols.soap.interface import Type, type_of
from magento_soap.protocols.soap.reader import TypeReaders
from magento_soap.protocols.soap.references import References
from magento_soap.protocols.soap.types import invoices as types
from magento_soap.protocols.soap.types import session
from magento_soap.protocols.soap.untyped_reader import read_any
from magento_soap.protocols.soap.writer import LITERAL, SOAP11, SOAP12, AnyWriter, TypeWriters, php_float, text_of
from magento_soap.protocols.xml_text import escape

from .wire import NAMESPACES, without_structs


def untyped(value: Any) -> str:
    parts: list[str] = []
    AnyWriter(SOAP11).write("a", value, parts.append)
    return "".join(parts)


def typed(of: Any, value: Any, encoding: Any = SOAP11) -> str:
    parts: list[str] = []
    TypeWriters(encoding).writer("a", of)(value, parts.append)
    return "".join(parts)


def parsed(xml: str) -> etree._Element:
    return etree.fromstring(f"<root {NAMESPACES}>{xml}</root>")[0]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a", "a"),
        ("<&>\"'", "&lt;&amp;&gt;\"'"),
        ("a\r\n\tb", "a&#13;\n\tb"),
        ("\x01", "&amp;#1;"),
        ("\uffff", "&amp;#65535;"),
        ("\ud83d", "\ufffd"),
        ("日本😀", "日本😀"),
    ],
)
def test_text_that_xml_cannot_carry_api_45(text: str, escaped: str) -> None:
    assert escape(text) == escaped


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e15, "1.0E+15"),
        (1e-5, "1.0E-5"),
        (0.0001, "0.0001"),
        (1.5, "1.5"),
        (100000.0, "100000"),
        (-0.0, "-0"),
        (123456789.123, "123456789.123"),
        (1e20, "1.0E+20"),
        (-2.25, "-2.25"),
        (float("inf"), "INF"),
    ],
)
def test_floats_look_like_phps(value: float, text: str) -> None:
    assert php_float(value) == text


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_float_loses_anything(value: float) -> None:
    assert float(php_float(value)) == value


def test_scalars_as_phps_text() -> None:
    values = [True, False, 7, 1.50, Decimal("1.5000"), "x"]
    assert [text_of(v) for v in values] == ["1", "", "7", "1.5", "1.5000", "x"]


@pytest.mark.parametrize(
    ("value", "xml"),
    [
        (None, '<a xsi:nil="true"/>'),
        ([], '<a SOAP-ENC:arrayType="xsd:ur-type[0]" xsi:type="SOAP-ENC:Array"/>'),
        ({}, '<a SOAP-ENC:arrayType="xsd:ur-type[0]" xsi:type="SOAP-ENC:Array"/>'),
        (
            ["x", 1],
            '<a SOAP-ENC:arrayType="xsd:ur-type[2]" xsi:type="SOAP-ENC:Array"><item xsi:type="xsd:string">x</item>'
            '<item xsi:type="xsd:int">1</item></a>',
        ),
        (
            {"k": "v", "7": None},
            '<a xsi:type="ns2:Map"><item><key xsi:type="xsd:string">k</key><value xsi:type="xsd:string">v</value>'
            '</item><item><key xsi:type="xsd:int">7</key><value xsi:nil="true"/></item></a>',
        ),
        (Struct(k="v"), '<a xsi:type="SOAP-ENC:Struct"><k xsi:type="xsd:string">v</k></a>'),
        (True, '<a xsi:type="xsd:boolean">true</a>'),
        (1.5, '<a xsi:type="xsd:float">1.5</a>'),
    ],
)
def test_untyped(value: Any, xml: str) -> None:
    assert untyped(value) == xml


def test_a_struct_member_that_is_no_name_does_not_become_markup() -> None:
    hostile = Struct({"x><evil/": "1"})
    assert without_structs(read_any(parsed(untyped(hostile)), References(parsed("<a/>")))) == {"x><evil/": "1"}


XML_TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[*map(chr, range(32)), "\ufffe", "\uffff"])
    | st.sampled_from("\t\n\r"),
    max_size=20,
)
KEYS = st.text("abcxyz_é -", min_size=1, max_size=6) | st.integers(1, 10**6)
NAMES = st.text("abcxyz_", min_size=1, max_size=6)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | XML_TEXT
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, min_size=1, max_size=4)
        | st.dictionaries(NAMES, inner, min_size=1, max_size=4).map(Struct)
    ),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_what_is_written_is_read_again(value: Any) -> None:
    found = parsed(untyped(value))
    assert without_structs(read_any(found, References(found))) == without_structs(value)


INVOICE = type_of(types.Invoice)
INVOICES = type_of(types.InvoiceArray)
INVOICE_ITEM = type_of(types.InvoiceItem)
EXISTS_FAULT = type_of(session.ExistsFault)
EXISTS_FAULTS = type_of(session.ArrayOfExistsFaults)


def _fields(of: Type) -> dict[str, Type]:
    return {member.name: member.type for member in of.members}


TEXT_FIELDS = [name for name in _fields(INVOICE) if name not in ("items", "comments")]
ROWS = st.fixed_dictionaries(
    {"entity_id": st.just("not in the type")},
    optional={name: st.none() | XML_TEXT for name in TEXT_FIELDS}
    | {
        "items": st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(_fields(INVOICE_ITEM), XML_TEXT))),
        "comments": st.lists(st.fixed_dictionaries({}, optional={"comment": st.none() | XML_TEXT})),
    },
)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_an_invoice_is_read_again_without_nulls_and_strangers(row: dict[str, Any]) -> None:
    """API-44: only the WSDL's members, in its order; null is absent."""

    def kept(value: Any, of: Type) -> Any:
        if isinstance(value, list):
            return [kept(v, of.item.type) for v in value]
        if isinstance(value, dict):
            return ("struct", {n: kept(value[n], t) for n, t in _fields(of).items() if value.get(n) is not None})
        return value

    found = parsed(typed(INVOICE, row))
    got = TypeReaders({"urn:Magento"}).reader(INVOICE)(found, References(found), 0)
    assert isinstance(got, Struct)
    want = kept(row, INVOICE)
    assert without_structs(got) == want
    assert list(got) == list(want[1])


def test_rows_may_come_from_an_iterator() -> None:
    rows = ({"increment_id": str(n)} for n in range(3))
    xml = typed(INVOICES, rows)
    assert xml.startswith('<a SOAP-ENC:arrayType="ns1:salesOrderInvoiceEntity[3]" xsi:type="ns1:salesOrderInvoiceEnt')
    assert [e.findtext("increment_id") for e in parsed(xml)] == ["0", "1", "2"]


def test_an_empty_array() -> None:
    want = '<a SOAP-ENC:arrayType="ns1:salesOrderInvoiceEntity[0]" xsi:type="ns1:salesOrderInvoiceEntityArray"/>'
    assert typed(INVOICES, []) == want


def test_a_required_member_that_is_missing_is_nil() -> None:
    assert '<message xsi:nil="true"/>' in typed(EXISTS_FAULT, {"code": "1"})


def test_column_values_that_are_no_text_become_it() -> None:
    assert '<state xsi:type="xsd:string">2</state>' in typed(INVOICE, {"state": 2})


def test_soap12_marks_arrays_its_own_way() -> None:
    want = '<a enc:itemType="ns1:existsFaltureEntity" enc:arraySize="0" xsi:type="ns1:ArrayOfExistsFaltures"/>'
    assert typed(EXISTS_FAULTS, [], SOAP12) == want


def test_the_literal_style_has_no_types() -> None:
    xml = typed(EXISTS_FAULTS, [{"code": "1", "message": "m"}], LITERAL)
    assert xml == "<a><complexObjectArray><code>1</code><message>m</message></complexObjectArray></a>"

"""Forms of requests that clients in the field send, and how operations and parameters are found (BEHAVIOUR 2.3)."""

from __future__ import annotations

from typing import Any

import pytest

from magento_soap.api.client import Client
from magento_soap.api.values import Struct
from magento_soap.protocols.soap.contracts import Style
from magento_soap.protocols.soap.endpoint import SoapEndpoint

from .wire import SOAP11, RecordingApi, arguments, ask, envelope, fault, info, result, without_structs

STATE = ("struct", {"key": "state", "value": "3"})
SIMPLE = ("struct", {"filter": [STATE]})


def list_call(filters: str, siblings: str = "") -> str:
    return f"<ns1:salesOrderInvoiceList><sessionId>s</sessionId>{filters}</ns1:salesOrderInvoiceList>{siblings}"


def create_call(inside: str) -> str:
    return (
        "<ns1:salesOrderInvoiceCreate><sessionId>s</sessionId><invoiceIncrementId>7</invoiceIncrementId>"
        f"{inside}</ns1:salesOrderInvoiceCreate>"
    )


PAIR = "<key>state</key><value>3</value>"
TYPED_PAIR = '<key xsi:type="xsd:string">state</key><value xsi:type="xsd:string">3</value>'
TYPED_ITEM = f'<item xsi:type="ns1:associativeEntity">{TYPED_PAIR}</item>'
FILTERS = 'xsi:type="ns1:filters"'
ARRAY_TYPE = 'SOAP-ENC:arrayType="ns1:associativeEntity[1]"'


@pytest.mark.parametrize(
    "filters",
    [
        f'<filters {FILTERS}><filter {ARRAY_TYPE} xsi:type="ns1:associativeArray">{TYPED_ITEM}</filter></filters>',
        f'<filters {FILTERS}><filter {ARRAY_TYPE} xsi:type="SOAP-ENC:Array">{TYPED_ITEM}</filter></filters>',
        f'<filters xsi:type="ns1:filters"><filter xsi:type="ns1:associativeArray">{TYPED_ITEM}</filter></filters>',
        f'<filters><filter xsi:type="SOAP-ENC:Array">{TYPED_ITEM}</filter></filters>',
        f"<filters><filter {ARRAY_TYPE}><item>{PAIR}</item></filter></filters>",
        f"<filters><filter><item>{PAIR}</item></filter></filters>",
        f"<filters><filter><Item>{PAIR}</Item></filter></filters>",
        f"<filters><filter><filter>{PAIR}</filter></filter></filters>",
        f"<filters><filter><complexObjectArray>{PAIR}</complexObjectArray></filter></filters>",
        f"<filters><filter><associativeEntity>{PAIR}</associativeEntity></filter></filters>",
        f'<filters xmlns=""><filter><item xmlns="">{PAIR}</item></filter></filters>',
        "<ns1:filters><ns1:filter><ns1:item><ns1:key>state</ns1:key><ns1:value>3</ns1:value></ns1:item></ns1:filter>"
        "</ns1:filters>",
        f"<filters>\n  <filter>\n    <item>\n{PAIR}\n</item>\n  </filter>\n</filters>\n",
    ],
)
def test_filters_in_every_form(filters: str) -> None:
    assert without_structs(arguments(list_call(filters))) == {"filters": SIMPLE}


@pytest.mark.parametrize(
    ("call", "targets"),
    [
        (
            '<filters href="#id0"/>',
            f'<multiRef id="id0" {FILTERS}><filter {ARRAY_TYPE} xsi:type="SOAP-ENC:Array"><filter href="#id1"/>'
            f'</filter></multiRef><multiRef id="id1" xsi:type="ns1:associativeEntity">{TYPED_PAIR}</multiRef>',
        ),
        (
            '<filters href="#id0"/>',
            '<ns1:filters id="id0" xsi:type="ns1:filters"><filter href="#id2"/></ns1:filters>'
            f'<SOAP-ENC:Array id="id2" {ARRAY_TYPE}><Item href="#id3"/></SOAP-ENC:Array>'
            f'<ns1:associativeEntity id="id3" xsi:type="ns1:associativeEntity">{TYPED_PAIR}</ns1:associativeEntity>',
        ),
        (f'<filters><filter {ARRAY_TYPE}><item href="#a"/></filter></filters>', f'<x id="a">{PAIR}</x>'),
    ],
    ids=["multiRef", "named by type", "inside an array"],
)
def test_filters_by_reference(call: str, targets: str) -> None:
    assert without_structs(arguments(list_call(call, targets))) == {"filters": SIMPLE}
    assert without_structs(arguments(targets + list_call(call))) == {"filters": SIMPLE}


def test_complex_filters() -> None:
    item = "<item><key>grand_total</key><value><key>gt</key><value>400</value></value></item>"
    entity = ("struct", {"key": "gt", "value": "400"})
    assert without_structs(arguments(list_call(f"<filters><complex_filter>{item}</complex_filter></filters>"))) == {
        "filters": ("struct", {"complex_filter": [("struct", {"key": "grand_total", "value": entity})]})
    }


@pytest.mark.parametrize(
    ("filters", "value"),
    [
        ("", None),
        ('<filters xsi:nil="true"/>', None),
        ("<filters/>", Struct()),
        ("<filters><filter/></filters>", Struct(filter=[])),
        ('<filters xsi:type="ns2:Map"><item><key>state</key><value>3</value></item></filters>', {"state": "3"}),
        ('<filters xsi:type="xsd:string">state</filters>', "state"),
        ("<Filters><filter/></Filters>", Struct(filter=[])),
        ("<storeView>1</storeView>", "1"),
        ('<storeView/><other xsi:nil="true"/><filter>3</filter>', "3"),
        ("<storeView/>", None),
        ("<filters/><storeView>1</storeView>", Struct()),
    ],
)
def test_filters_that_are_none_or_no_struct(filters: str, value: Any) -> None:
    assert without_structs(arguments(list_call(filters))) == {"filters": without_structs(value)}


def test_every_argument_of_create_by_name() -> None:
    sent = arguments(
        create_call(
            '<itemsQty SOAP-ENC:arrayType="ns1:orderItemIdQty[1]" xsi:type="ns1:orderItemIdQtyArray"><item '
            'xsi:type="ns1:orderItemIdQty"><order_item_id xsi:type="xsd:int">15</order_item_id>'
            '<qty xsi:type="xsd:double">1</qty></item></itemsQty><comment>c</comment><email>1</email>'
            "<includeComment>0</includeComment>"
        )
    )
    assert sent == {
        "orderIncrementId": "7",
        "itemsQty": [{"order_item_id": 15, "qty": 1.0}],
        "comment": "c",
        "email": "1",
        "includeComment": "0",
    }


def test_parts_that_are_not_sent_are_null() -> None:
    assert arguments(create_call("")) == {
        "orderIncrementId": "7",
        "itemsQty": None,
        "comment": None,
        "email": None,
        "includeComment": None,
    }


@pytest.mark.parametrize(
    "inside",
    [
        "<sessionId>s</sessionId><invoiceIncrementId>1</invoiceIncrementId>",
        "<invoiceIncrementId>1</invoiceIncrementId><sessionId>s</sessionId>",
        "<ns1:sessionId>s</ns1:sessionId><ns1:invoiceIncrementId>1</ns1:invoiceIncrementId>",
        "<sessionId>s</sessionId><invoiceIncrementId>1</invoiceIncrementId><other>x</other>",
        "<a>s</a><b>1</b>",
        "<sessionId>s</sessionId><invoiceIncrementId>1</invoiceIncrementId><invoiceIncrementId>2</invoiceIncrementId>",
        "<sessionId>s</sessionId><invoiceIncrementId><![CDATA[1]]></invoiceIncrementId>",
        "<sessionId>s</sessionId><invoiceIncrementId>&#49;</invoiceIncrementId>",
        "<!-- a --><sessionId>s</sessionId><?pi x?><invoiceIncrementId><!-- b -->1</invoiceIncrementId>",
    ],
)
def test_parameters_by_name_then_by_position(inside: str) -> None:
    _, api = ask(info(inside))
    assert api.asked == [("call", "s", "sales_order_invoice.info", {"invoiceIncrementId": "1"})]


@pytest.mark.parametrize(
    ("tag", "attributes"),
    [
        ("salesOrderInvoiceInfo", ""),
        ("SALESORDERINVOICEINFO", ""),
        ("x:salesOrderInvoiceInfo", 'xmlns:x="urn:OpenMage"'),
    ],
)
def test_operations_by_local_name(tag: str, attributes: str) -> None:
    answer, _ = ask(f"<{tag} {attributes}><a>s</a><b>1</b></{tag}>", {})
    assert b"<ns1:salesOrderInvoiceInfoResponse><result" in answer.body


def test_what_each_operation_asks_of_the_api() -> None:
    asked = []
    for name, inside in [
        ("salesOrderInvoiceAddComment", "<a>s</a><b>1</b><c>hello</c>"),
        ("salesOrderInvoiceCapture", "<a>s</a><b>1</b>"),
        ("salesOrderInvoiceVoid", "<a>s</a><b>1</b>"),
        ("salesOrderInvoiceCancel", "<a>s</a><b>1</b>"),
        ("endSession", "<a>s</a>"),
        ("startSession", ""),
        ("login", "<a>u</a><b>k</b>"),
    ]:
        answer, api = ask(f"<ns1:{name}>{inside}</ns1:{name}>")
        assert answer.status == "200 OK"
        asked += api.asked
    comment = {"invoiceIncrementId": "1", "comment": "hello", "email": None, "includeComment": None}
    assert asked == [
        ("call", "s", "sales_order_invoice.addComment", comment),
        ("call", "s", "sales_order_invoice.capture", {"invoiceIncrementId": "1"}),
        ("call", "s", "sales_order_invoice.void", {"invoiceIncrementId": "1"}),
        ("call", "s", "sales_order_invoice.cancel", {"invoiceIncrementId": "1"}),
        ("endSession", "s"),
        ("startSession",),
        ("login", Client("127.0.0.1"), "u", "k"),
    ]


def test_operations_about_the_api() -> None:
    entry = {"title": "t", "name": "n", "aliases": ["a"], "description": None, "methods": [
        {"title": "t", "path": "p", "name": "n", "aliases": []}
    ]}  # fmt: skip
    answer, _ = ask("<ns1:resources><a>s</a></ns1:resources>", [entry])
    assert result(answer).findtext("item/methods/item/path") == "p"
    assert result(answer).findtext("item/aliases/item") == "a"
    answer, api = ask(
        "<ns1:resourceFaults><sessionId>s</sessionId><resourceName>r</resourceName></ns1:resourceFaults>",
        [{"code": "100", "message": "m"}],
    )
    assert api.asked == [("resourceFaults", "s", "r")]
    assert [e.text for e in result(answer)[0]] == ["100", "m"]
    answer, _ = ask("<ns1:globalFaults><a>s</a></ns1:globalFaults>", [])
    assert b'existsFaltureEntity[0]" xsi:type="ns1:ArrayOfExistsFaltures"/>' in answer.body
    answer, api = ask("<ns1:magentoInfo><a>s</a></ns1:magentoInfo>", {"magento_version": "1", "magento_edition": "C"})
    assert api.asked[0][2] == "core_magento.info"
    assert [(e.tag, e.text) for e in result(answer)] == [("magento_version", "1"), ("magento_edition", "C")]


@pytest.mark.parametrize("encoding", ["iso-8859-1", "windows-1252", "utf-16", "utf-8-sig", "utf-8"])
def test_the_declaration_says_how_the_body_is_encoded(encoding: str) -> None:
    text = envelope(info("<a>s</a><b>Müller</b>")).decode()
    declared = text.replace('encoding="UTF-8"', f'encoding="{encoding.removesuffix("-sig")}"')
    assert arguments(declared.encode(encoding)) == {"invoiceIncrementId": "Müller"}


def test_prefixes_are_free() -> None:
    body = (
        f'<Envelope xmlns="{SOAP11}"><Header/><Body><m:salesOrderInvoiceInfo xmlns:m="urn:Magento">'
        '<sessionId xmlns="">s</sessionId><invoiceIncrementId xmlns="">1</invoiceIncrementId>'
        "</m:salesOrderInvoiceInfo></Body></Envelope>"
    )
    assert arguments(body.encode()) == {"invoiceIncrementId": "1"}


@pytest.mark.parametrize(
    "header",
    [
        "<SOAP-ENV:Header/>",
        '<SOAP-ENV:Header><ns1:endSession SOAP-ENV:mustUnderstand="1"><sessionId>s</sessionId></ns1:endSession>'
        "</SOAP-ENV:Header>",
    ],
)
def test_headers_do_not_matter(header: str) -> None:
    _, api = ask(envelope(info(), header))
    assert [asked[0] for asked in api.asked] == ["call"]


def test_only_the_first_call_counts() -> None:
    _, api = ask(info() + "<ns1:endSession><sessionId>s</sessionId></ns1:endSession>")
    assert [asked[0] for asked in api.asked] == ["call"]


KSOAP2 = (
    '<v:Envelope xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:d="http://www.w3.org/2001/XMLSchema" '
    'xmlns:c="http://schemas.xmlsoap.org/soap/encoding/" xmlns:v="http://schemas.xmlsoap.org/soap/envelope/">'
    "<v:Header /><v:Body>{}</v:Body></v:Envelope>"
)


@pytest.mark.parametrize("style", ["v1", "v2", "wsi"])
def test_a_call_may_have_an_id(style: Style) -> None:
    """kSOAP2 gives every call one."""
    login = (
        '<n0:login id="o0" c:root="1" xmlns:n0="urn:Magento"><username i:type="d:string">u</username>'
        '<apiKey i:type="d:string">k</apiKey></n0:login>'
    )
    api = RecordingApi("id")
    SoapEndpoint(api, style=style).answer(KSOAP2.format(login).encode(), Client())
    assert api.asked == [("login", Client(), "u", "k")]


TARGET = '<multiRef id="m1"><a/></multiRef>'


@pytest.mark.parametrize("style", ["v2", "wsi"])
@pytest.mark.parametrize(
    "body",
    [
        '<n:salesOrderInvoiceInfo id="o0" xmlns:n="urn:Magento">{}</n:salesOrderInvoiceInfo>',
        TARGET + '<salesOrderInvoiceInfo id="o0">{}</salesOrderInvoiceInfo>',
        '<salesOrderInvoiceInfo id="o0">{}</salesOrderInvoiceInfo>' + TARGET,
        TARGET + "<salesOrderInvoiceInfo>{}</salesOrderInvoiceInfo>",
        "<multiRef><a/></multiRef><salesOrderInvoiceInfo>{}</salesOrderInvoiceInfo>",
        '<salesOrderInvoiceInfo id="o0">{}</salesOrderInvoiceInfo><endSession><a>s</a></endSession>',
        '<salesOrderInvoiceInfoRequestParam id="o0">{}</salesOrderInvoiceInfoRequestParam>',
    ],
)
def test_the_call_is_the_first_that_names_an_operation(style: Style, body: str) -> None:
    """Some stacks put the targets of references before it."""
    api = RecordingApi({})
    inside = "<sessionId>s</sessionId><invoiceIncrementId>1</invoiceIncrementId>"
    SoapEndpoint(api, style=style).answer(envelope(body.format(inside)), Client())
    assert api.asked == [("call", "s", "sales_order_invoice.info", {"invoiceIncrementId": "1"})]


@pytest.mark.parametrize("style", ["v1", "v2", "wsi"])
@pytest.mark.parametrize("body", [TARGET + "<nope/>", "<nope/>" + TARGET, '<nope id="a"/>' + TARGET, '<nope id="a"/>'])
def test_without_an_operation_it_is_the_first_without_an_id_or_the_first(style: Style, body: str) -> None:
    api = RecordingApi("id")
    answer = SoapEndpoint(api, style=style).answer(envelope(body), Client())
    assert fault(answer) == (500, "SOAP-ENV:Server", "Procedure 'nope' not present")
    assert not api.asked


def test_answers_are_phps_bytes() -> None:
    answer, _ = ask("<ns1:endSession><sessionId>s</sessionId></ns1:endSession>")
    assert answer.body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope '
        'xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="urn:Magento" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/" '
        'SOAP-ENV:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><SOAP-ENV:Body><ns1:endSessionResponse>'
        '<endSessionReturn xsi:type="xsd:boolean">true</endSessionReturn></ns1:endSessionResponse></SOAP-ENV:Body>'
        "</SOAP-ENV:Envelope>\n"
    )


def test_the_namespace_of_answers_is_a_setting() -> None:
    endpoint = SoapEndpoint(RecordingApi({}), namespace="urn:OpenMage")
    assert b'xmlns:ns1="urn:OpenMage"' in endpoint.answer(envelope(info()), Client()).body


@pytest.mark.parametrize("namespace", ["urn:Magento", "urn:OpenMage"])
def test_types_are_known_in_both_namespaces(namespace: str) -> None:
    typed = f'<filters xmlns:t="{namespace}" xsi:type="t:filters"><filter><i>{PAIR}</i></filter></filters>'
    assert without_structs(arguments(list_call(typed))) == {"filters": SIMPLE}


def test_a_surplus_of_unnamed_parameters_is_refused() -> None:
    answer, _ = ask(info("<a>1</a><b>2</b><c>3</c>"))
    assert fault(answer) == (500, "SOAP-ENV:Client", "Error cannot find parameter")

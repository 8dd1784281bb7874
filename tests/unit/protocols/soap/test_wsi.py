"""WS-I: document/literal calls, at both addresses of V2, and its answers."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from lxml import etree

from magento_soap.api.client import Client
from magento_soap.protocols.soap.contracts import Style
from magento_soap.protocols.soap.endpoint import Answer, SoapEndpoint

from .wire import SOAP12, RecordingApi, api_fault, envelope, fault, without_structs

Ask = Callable[..., tuple[Answer, RecordingApi]]
CLIENT = Client("127.0.0.1")
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"


@pytest.fixture(params=["v2", "wsi", "wsi-documented"])
def style(request: pytest.FixtureRequest) -> Style:
    """What an address describes: each understands calls of either style, and of either form of WS-I."""
    found: Style = request.param
    return found


@pytest.fixture
def ask(style: Style) -> Ask:
    def ask(body: str, answer: Any = True, soap: str | None = None) -> tuple[Answer, RecordingApi]:
        api = RecordingApi(answer)
        sent = envelope(body, soap=soap) if soap else envelope(body)
        return SoapEndpoint(api, style=style).answer(sent, CLIENT), api

    return ask


def request(name: str, children: str = "") -> str:
    return f"<ns1:{name}><sessionId>s</sessionId>{children}</ns1:{name}>"


def listed(filters: str) -> str:
    return request("salesOrderInvoiceListRequestParam", filters)


def created(children: str) -> str:
    return request("salesOrderInvoiceCreateRequestParam", f"<invoiceIncrementId>7</invoiceIncrementId>{children}")


def message(answer: Answer) -> etree._Element:
    root = etree.fromstring(answer.body)
    assert answer.status == "200 OK", answer.body.decode()
    return root[0][0]


def written(element: etree._Element) -> str:
    """The children of the message, without the declarations that lxml repeats."""
    return b"".join(etree.tostring(child, method="c14n", exclusive=True) for child in element).decode()


def test_an_answer_is_one_element_with_a_result(ask: Ask) -> None:
    invoice = {"increment_id": "1", "state": None, "items": [{"sku": "a"}, {"sku": "<b>"}], "comments": [], "x": "y"}
    answer, api = ask(
        request("salesOrderInvoiceInfoRequestParam", "<invoiceIncrementId>1</invoiceIncrementId>"), invoice
    )
    assert api.asked == [("call", "s", "sales_order_invoice.info", {"invoiceIncrementId": "1"})]
    assert message(answer).tag == "{urn:Magento}salesOrderInvoiceInfoResponseParam"
    assert written(message(answer)) == (
        "<result><increment_id>1</increment_id><items><complexObjectArray><sku>a</sku></complexObjectArray>"
        "<complexObjectArray><sku>&lt;b&gt;</sku></complexObjectArray></items><comments></comments></result>"
    )
    assert b"encodingStyle" not in answer.body


def test_lists_are_complex_object_arrays(ask: Ask) -> None:
    answer, _ = ask(listed(""), iter([{"increment_id": "1"}, {"increment_id": "2"}]))
    assert written(message(answer)) == (
        "<result><complexObjectArray><increment_id>1</increment_id></complexObjectArray>"
        "<complexObjectArray><increment_id>2</increment_id></complexObjectArray></result>"
    )
    assert written(message(ask(listed(""), [])[0])) == "<result></result>"


@pytest.mark.parametrize("operation", ["AddComment", "Capture", "Void", "Cancel"])
def test_true_is_text(ask: Ask, operation: str) -> None:
    """API-34."""
    sent = "<invoiceIncrementId>7</invoiceIncrementId><comment>c</comment>"
    answer, _ = ask(request(f"salesOrderInvoice{operation}RequestParam", sent))
    assert message(answer).tag == f"{{urn:Magento}}salesOrderInvoice{operation}ResponseParam"
    assert written(message(answer)) == "<result>1</result>"


FAULTS = [{"code": "100", "message": "m"}]
RESOURCES = [{"title": "t", "name": "n", "aliases": ["a", "b"], "methods": []}]


@pytest.mark.parametrize(
    ("body", "said", "asked", "answered"),
    [
        (
            "<ns1:loginParam><username>u</username><apiKey>k</apiKey></ns1:loginParam>",
            "id",
            ("login", CLIENT, "u", "k"),
            "<result>id</result>",
        ),
        ("<ns1:startSessionParam/>", "id", ("startSession",), "<result>id</result>"),
        (request("endSessionParam"), True, ("endSession", "s"), "<result>true</result>"),
        (
            request("resourcesRequestParam"),
            RESOURCES,
            ("resources", "s"),
            "<result><complexObjectArray><title>t</title><name>n</name><aliases><complexObjectArray>a"
            "</complexObjectArray><complexObjectArray>b</complexObjectArray></aliases><methods></methods>"
            "</complexObjectArray></result>",
        ),
        (
            request("globalFaultsParam"),
            FAULTS,
            ("globalFaults",),
            "<result><complexObjectArray><code>100</code><message>m</message></complexObjectArray></result>",
        ),
        (
            request("resourceFaultsParam", "<resourceName>order_invoice</resourceName>"),
            FAULTS,
            ("resourceFaults", "s", "order_invoice"),
            "<result><complexObjectArray><code>100</code><message>m</message></complexObjectArray></result>",
        ),
        (
            request("magentoInfoRequestParam"),
            {"magento_version": "1", "magento_edition": "Community"},
            ("call", "s", "core_magento.info", []),
            "<result><magento_version>1</magento_version><magento_edition>Community</magento_edition></result>",
        ),
    ],
)
def test_every_session_operation_works(ask: Ask, body: str, said: Any, asked: tuple[Any, ...], answered: str) -> None:
    """In Magento five of these fail (API-65)."""
    answer, api = ask(body, said)
    assert api.asked == [asked]
    assert written(message(answer)) == answered


def test_an_empty_body_starts_a_session_where_wsi_is_described() -> None:
    """The message of startSession has no parts."""
    for body in (envelope(""), envelope("").replace(b"<SOAP-ENV:Body></SOAP-ENV:Body>", b"<SOAP-ENV:Body/>")):
        api = RecordingApi("id")
        answer = SoapEndpoint(api, style="wsi").answer(body, CLIENT)
        assert message(answer).tag == "{urn:Magento}startSessionResponseParam"
        assert api.asked == [("startSession",)]
        _, code, text = fault(SoapEndpoint(RecordingApi(), style="v2").answer(body, CLIENT))
        assert (code, text) == ("SOAP-ENV:Client", 'looks like we got "Body" without function call')


@pytest.mark.parametrize("element", ["<param0/>", "<param0><item><key>x</key><value>1</value></item></param0>"])
def test_php_sends_param0_for_a_message_without_parts(element: str) -> None:
    """``$client->startSession(array())``."""
    api = RecordingApi("id")
    answer = SoapEndpoint(api, style="wsi").answer(envelope(element), CLIENT)
    assert message(answer).tag == "{urn:Magento}startSessionResponseParam"
    assert api.asked == [("startSession",)]
    _, code, text = fault(SoapEndpoint(RecordingApi(), style="v2").answer(envelope(element), CLIENT))
    assert (code, text) == ("SOAP-ENV:Server", "Procedure 'param0' not present")


@pytest.mark.parametrize(
    "body", ['<nope id="o0"/>', '<salesOrderInvoiceInfoParam id="o0" root="1"><a>s</a></salesOrderInvoiceInfoParam>']
)
def test_only_an_empty_body_starts_a_session(body: str) -> None:
    api = RecordingApi("id")
    status, _, text = fault(SoapEndpoint(api, style="wsi").answer(envelope(body), CLIENT))
    assert (status, api.asked) == (500, [])
    assert "not present" in text


@pytest.mark.parametrize(
    ("style", "attributes", "answer"),
    [
        ("wsi", "", "startSessionResponseParam"),
        ("wsi", f'SOAP-ENV:encodingStyle="{ENCODING}"', "startSessionResponse"),
        ("v2", "", "startSessionResponse"),
    ],
)
def test_without_parts_the_address_tells_the_style(style: Style, attributes: str, answer: str) -> None:
    """Axis calls WS-I's startSession by the operation's name."""
    body = envelope("<ns1:startSession/>", attributes=attributes)
    assert message(SoapEndpoint(RecordingApi("id"), style=style).answer(body, CLIENT)).tag == f"{{urn:Magento}}{answer}"


PAIR = "<key>state</key><value>3</value>"
STATE = ("struct", {"key": "state", "value": "3"})


@pytest.mark.parametrize(
    ("filters", "read"),
    [
        ("", {}),
        ('<filters xsi:nil="true"/>', {}),
        ("<filters/>", {"filters": ("struct", {})}),
        ("<filters><filter/></filters>", {"filters": ("struct", {"filter": []})}),
        (
            f"<filters><filter><complexObjectArray>{PAIR}</complexObjectArray></filter></filters>",
            {"filters": ("struct", {"filter": [STATE]})},
        ),
        (
            f"<ns1:filters><ns1:filter>{2 * f'<ns1:complexObjectArray>{PAIR}</ns1:complexObjectArray>'}</ns1:filter>"
            "</ns1:filters>",
            {"filters": ("struct", {"filter": [STATE, STATE]})},
        ),
        (
            f"<filters><complex_filter><complexObjectArray><key>k</key><value>{PAIR}</value></complexObjectArray>"
            "</complex_filter></filters>",
            {"filters": ("struct", {"complex_filter": [("struct", {"key": "k", "value": STATE})]})},
        ),
        # Magento sees nothing here (wsi/152, wsi/154) and answers with every row.
        (f"<filters><filter><item>{PAIR}</item></filter></filters>", {"filters": ("struct", {"filter": [STATE]})}),
        ("<filters><filter>state</filter></filters>", {"filters": ("struct", {"filter": "state"})}),
        (
            f"<Filters><filter><complexObjectArray>{PAIR}</complexObjectArray></filter></Filters>",
            {"filters": ("struct", {"filter": [STATE]})},
        ),
        ("<state>3</state>", {"filters": "3"}),
        ("<other/>", {}),
    ],
)
def test_filters(ask: Ask, filters: str, read: Any) -> None:
    answer, api = ask(listed(filters), [])
    assert api.asked, answer.body.decode()
    assert without_structs(api.asked[0][-1]) == read


ENTRY = "<order_item_id>15</order_item_id><qty>1.5</qty>"
READ = [("struct", {"order_item_id": 15, "qty": 1.5})]


@pytest.mark.parametrize(
    ("items", "read"),
    [
        ("<itemsQty/>", []),
        (f"<itemsQty><complexObjectArray>{ENTRY}</complexObjectArray></itemsQty>", READ),
        (f"<itemsQty>{2 * f'<complexObjectArray>{ENTRY}</complexObjectArray>'}</itemsQty>", READ * 2),
        # Unseen, these would invoice everything (design: nothing that was sent passes for nothing).
        (f"<itemsQty><item>{ENTRY}</item></itemsQty>", READ),
        (f"<itemsQty>{ENTRY}</itemsQty>", READ[0]),
        ("<itemsQty>all</itemsQty>", "all"),
    ],
)
def test_quantities(ask: Ask, items: str, read: Any) -> None:
    _, api = ask(created(items), "1")
    assert without_structs(api.asked[0][-1]) == {"orderIncrementId": "7", "itemsQty": read}


@pytest.mark.parametrize(
    ("numbers", "read"),
    [
        ("<orderIncrementId>200000008</orderIncrementId>", "200000008"),
        ('<invoiceIncrementId xsi:nil="true"/><orderIncrementId>200000008</orderIncrementId>', "200000008"),
        ("<orderIncrementId>1</orderIncrementId><invoiceIncrementId>2</invoiceIncrementId>", "2"),
    ],
)
def test_the_order_has_two_names(ask: Ask, numbers: str, read: str) -> None:
    """The document's example says orderIncrementId, the schema invoiceIncrementId."""
    _, api = ask(request("salesOrderInvoiceCreateRequestParam", numbers), "1")
    assert api.asked[0][-1] == {"orderIncrementId": read}


def test_what_is_not_sent_is_no_argument(ask: Ask) -> None:
    """A missing member is fault 6 in WS-I; in V2 it is null (wsi/245, wsi/246)."""
    _, api = ask(request("salesOrderInvoiceAddCommentRequestParam", '<comment xsi:nil="true"/><email>1</email>'))
    assert api.asked[0][-1] == {"email": "1"}
    _, api = ask("<ns1:salesOrderInvoiceAddComment><sessionId>s</sessionId></ns1:salesOrderInvoiceAddComment>")
    assert set(api.asked[0][-1]) == {"invoiceIncrementId", "comment", "email", "includeComment"}


def test_a_call_without_a_session_id_is_fault_6(ask: Ask) -> None:
    answer, api = ask("<ns1:salesOrderInvoiceInfoRequestParam/>")
    assert fault(answer)[:2] == (200, "6")
    assert not api.asked


def test_http_basic_stands_in_for_the_session_id(style: Style) -> None:
    """SES-20."""
    api = RecordingApi({})
    client = Client("127.0.0.1", "u", "k")
    SoapEndpoint(api, style=style).answer(envelope("<ns1:salesOrderInvoiceInfoRequestParam/>"), client)
    assert api.asked == [("call", None, "sales_order_invoice.info", {})]


@pytest.mark.parametrize(
    "body",
    [
        '<x:magentoInfoRequestParam xmlns:x="urn:OpenMage"><sessionId>s</sessionId></x:magentoInfoRequestParam>',
        '<magentoInfoRequestParam xmlns="urn:Magento"><sessionId>s</sessionId></magentoInfoRequestParam>',
        '<magentoInfoRequestParam xmlns="urn:Magento"><sessionId xmlns="">s</sessionId></magentoInfoRequestParam>',
        "<MAGENTOINFOrequestParam>\n  <sessionId>s</sessionId>\n</MAGENTOINFOrequestParam>",
        '<ns1:magentoInfoRequestParam><sessionId xsi:type="xsd:string">s</sessionId></ns1:magentoInfoRequestParam>',
        "<ns1:magentoInfoRequestParam><other/><sessionId>r</sessionId><sessionId>s</sessionId></ns1:magentoInfoRequestParam>",
    ],
)
def test_requests_in_many_forms(ask: Ask, body: str) -> None:
    _, api = ask(body, {"magento_version": "1", "magento_edition": "Community"})
    assert api.asked == [("call", "s", "core_magento.info", [])]


def test_each_call_is_answered_in_its_own_style(ask: Ask) -> None:
    encoded, _ = ask("<ns1:endSession><sessionId>s</sessionId></ns1:endSession>")
    assert message(encoded).tag == "{urn:Magento}endSessionResponse"
    assert b'<endSessionReturn xsi:type="xsd:boolean">true</endSessionReturn>' in encoded.body
    literal, _ = ask(request("endSessionParam"))
    assert message(literal).tag == "{urn:Magento}endSessionResponseParam"


def test_soap_12(ask: Ask) -> None:
    answer, _ = ask(request("endSessionParam"), soap=SOAP12)
    assert etree.fromstring(answer.body).tag == f"{{{SOAP12}}}Envelope"
    assert written(message(answer)) == "<result>true</result>"


@pytest.mark.parametrize(("status", "literal"), [(HTTPStatus.OK, 200), (HTTPStatus.INTERNAL_SERVER_ERROR, 500)])
def test_the_status_of_faults_in_wsi_is_a_setting(style: Style, status: HTTPStatus, literal: int) -> None:
    """The Basic Profile's R1126 wants 500; encoded calls are answered as ever."""
    endpoint = SoapEndpoint(RecordingApi(api_fault("5", "no")), style=style, literal_fault_status=status)
    assert fault(endpoint.answer(envelope(request("endSessionParam")), CLIENT)) == (literal, "5", "no")
    encoded = "<ns1:endSession><sessionId>s</sessionId></ns1:endSession>"
    assert fault(endpoint.answer(envelope(encoded), CLIENT)) == (200, "5", "no")


def test_v1_has_no_such_calls() -> None:
    answer = SoapEndpoint(RecordingApi(), style="v1").answer(envelope(request("endSessionParam")), CLIENT)
    assert fault(answer) == (500, "SOAP-ENV:Server", "Procedure 'endSessionParam' not present")


def test_answers_say_the_namespace_of_the_setting() -> None:
    endpoint = SoapEndpoint(RecordingApi(), style="wsi", namespace="urn:OpenMage")
    answer = endpoint.answer(envelope(request("endSessionParam")), CLIENT)
    assert message(answer).tag == "{urn:OpenMage}endSessionResponseParam"

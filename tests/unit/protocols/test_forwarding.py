"""Endpoints in front of a shop: what they hand to it, in which form, and what they read from it."""

from __future__ import annotations

import json
import xmlrpc.client
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client as Http
from werkzeug.wrappers import Response

from magento_soap.api.client import Client, ServedCall
from magento_soap.api.faults import INTERNAL, ApiFault, Fault
from magento_soap.api.forwarding import ForwardedCall
from magento_soap.api.ports import Shop
from magento_soap.api.values import Struct, Value
from magento_soap.protocols.forwarding import MessageFormat
from magento_soap.protocols.jsonrpc import JsonRpcEndpoint, JsonRpcMessages
from magento_soap.protocols.soap.contracts import CONTRACTS, Style
from magento_soap.protocols.soap.endpoint import SoapEndpoint, client_messages
from magento_soap.protocols.xmlrpc import XmlRpcEndpoint, XmlRpcMessages, document

from .soap.wire import RecordingApi, api_fault, envelope

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

CALL = ForwardedCall(1, "catalog_product.list")
V1 = client_messages(CONTRACTS["v1"], "urn:Magento")[False]
V2 = client_messages(CONTRACTS["v2"], "urn:Magento")[False]
APIS = [
    {
        "title": "Catalog",
        "name": "catalog",
        "aliases": ["c"],
        "methods": [{"title": "Tree", "path": "catalog.tree", "name": "tree", "aliases": []}],
    }
]


@dataclass
class Upstream:
    """protocols.forwarding.Upstream with one result, that remembers what it was handed."""

    result: Any = "from the shop"
    forwarded: list[tuple[str, bytes, str, str]] = field(default_factory=list)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    compared: list[tuple[bytes, bytes, list[str], str]] = field(default_factory=list)

    def compare(
        self,
        environ: WSGIEnvironment,
        body: bytes,
        response: bytes,
        served: Sequence[ServedCall],
        messages: MessageFormat,
    ) -> None:
        self.compared.append((body, response, [call.path for call in served], messages.name))

    def forward(
        self, environ: WSGIEnvironment, body: bytes, call: ForwardedCall, messages: MessageFormat
    ) -> WSGIApplication:
        self.forwarded.append((environ["PATH_INFO"], body, str(call), messages.name))
        if isinstance(self.result, Exception):
            raise self.result
        return Response(self.result, 207)

    def shop(self, environ: WSGIEnvironment, messages: MessageFormat) -> Shop:
        upstream = self

        class Asked:
            def run(self, call: ForwardedCall, name: str, params: Sequence[Value]) -> Value:
                upstream.asked.append((messages.name, name, params))
                if isinstance(upstream.result, Exception):
                    raise upstream.result
                return upstream.result  # type: ignore[no-any-return]

        return Asked()


class Api(RecordingApi):
    """Answers some calls, and has the shop answer the others."""

    def call(self, client: Client, session_id: Value, path: Value, args: Value, *, typed: bool = False) -> Any:
        if path == "catalog_product.list":
            raise ForwardedCall(1, path)
        return super().call(client, session_id, path, args)

    def resources(self, client: Client, session_id: Value) -> Any:
        assert client.shop is not None
        return client.shop.run(CALL, "resources", [session_id])

    def unserved(self, client: Client, session_id: Value, operation: str) -> ForwardedCall | None:
        self.asked.append(("unserved", session_id, operation))
        if session_id != "s":
            raise api_fault("5", "Session expired.")
        return None if operation == "catalogProductDelete" else ForwardedCall(1, operation)


def broken() -> ApiFault:
    return ApiFault(INTERNAL, "Internal Error. (reference 123)")


def soap(style: Style, upstream: Upstream | None, api: Api | None = None) -> Http:
    return Http(SoapEndpoint(api or Api(), style=style, upstream=upstream))


V1_CALL = envelope(
    "<ns1:call><sessionId>s</sessionId><resourcePath>catalog_product.list</resourcePath><args>1</args></ns1:call>"
)
V2_CALL = envelope("<ns1:catalogProductList><sessionId>s</sessionId></ns1:catalogProductList>")
WSI_CALL = envelope("<ns1:catalogProductListRequestParam><sessionId>s</sessionId></ns1:catalogProductListRequestParam>")


@pytest.mark.parametrize(
    ("style", "body", "method", "protocol"),
    [
        ("v1", V1_CALL, "catalog_product.list", "V1"),
        ("v2", V2_CALL, "catalogProductList", "V2"),
        ("v2", WSI_CALL, "catalogProductList", "WS-I"),
        ("wsi", WSI_CALL, "catalogProductList", "WS-I"),
        ("wsi", V2_CALL, "catalogProductList", "V2"),
    ],
)
def test_soap_hands_on_the_whole_request(style: Style, body: bytes, method: str, protocol: str) -> None:
    upstream = Upstream()
    response = soap(style, upstream).post("/api/x/", data=body)
    assert (response.status_code, response.data) == (207, b"from the shop")
    assert upstream.forwarded == [("/api/x/", body, method, protocol)]


@pytest.mark.parametrize(("style", "body"), [("v1", V1_CALL), ("v2", V2_CALL), ("v2", WSI_CALL), ("wsi", WSI_CALL)])
def test_soap_reports_a_shop_that_fails_as_fault_1(style: Style, body: bytes) -> None:
    response = soap(style, Upstream(broken())).post("/", data=body)
    assert response.status_code == 200
    assert b"<faultcode>1</faultcode><faultstring>Internal Error. (reference 123)</faultstring>" in response.data


def test_a_fault_in_soap_12_is_one_of_soap_12() -> None:
    body = V2_CALL.replace(b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope")
    response = soap("v2", Upstream(broken())).post("/", data=body)
    assert b"<env:Value>1</env:Value>" in response.data


@pytest.mark.parametrize(
    ("parts", "session"),
    [
        ("<sessionId>s</sessionId><a>1</a>", "s"),
        ("<a>1</a><sessionID>s</sessionID>", "s"),
        ("<session>s</session><a>1</a>", "s"),
        ('<a href="#id"/>', "s"),
        ("", None),
        ('<sessionId xsi:nil="true"/>', None),
        ("<sessionId>no</sessionId>", "no"),
    ],
)
def test_the_session_of_an_operation_whose_parts_are_unknown(parts: str, session: str | None) -> None:
    api, upstream = Api(), Upstream()
    body = f'<ns1:catalogProductList>{parts}</ns1:catalogProductList><multiRef id="id">s</multiRef>'
    response = soap("v2", upstream, api).post("/", data=envelope(body))
    assert api.asked == [("unserved", session, "catalogProductList")]
    assert bool(upstream.forwarded) is (session == "s")
    assert (b"<faultcode>5</faultcode>" in response.data) is (session != "s")


@pytest.mark.parametrize("name", ["catalogProductDelete", "catalogProductDeleteRequestParam", "callParam", "multiCall"])
def test_operations_that_are_not_forwarded_are_not_present(name: str) -> None:
    upstream = Upstream()
    response = soap("v2", upstream).post("/", data=envelope(f"<ns1:{name}><sessionId>s</sessionId></ns1:{name}>"))
    assert f"Procedure '{name}' not present".encode() in response.data
    assert not upstream.forwarded


def test_without_a_shop_unknown_operations_are_as_ever() -> None:
    endpoint = Http(SoapEndpoint(RecordingApi()))
    assert b"Procedure 'catalogProductList' not present" in endpoint.post("/", data=V2_CALL).data


@pytest.mark.parametrize(
    ("style", "call", "protocol"), [("v1", "resources", "V1"), ("v2", "resources", "V2"), ("wsi", "resources", "V2")]
)
def test_a_part_of_a_request_goes_to_the_shop_in_its_own_style(style: Style, call: str, protocol: str) -> None:
    upstream = Upstream(APIS)
    response = soap(style, upstream).post("/", data=envelope(f"<ns1:{call}><sessionId>s</sessionId></ns1:{call}>"))
    assert upstream.asked == [(protocol, "resources", ["s"])]
    assert b"catalog.tree" in response.data


def test_no_part_of_a_ws_i_request_goes_to_the_shop() -> None:
    seen: list[Any] = []

    class Ours(Api):
        def resources(self, client: Client, session_id: Value) -> Any:
            seen.append(client.shop)
            return APIS

    body = envelope("<ns1:resourcesRequestParam><sessionId>s</sessionId></ns1:resourcesRequestParam>")
    response = soap("wsi", Upstream(), Ours()).post("/", data=body)
    assert seen == [None]
    assert b"catalog.tree" in response.data


def xml_rpc(upstream: Upstream, *params: Any, method: str = "call") -> Any:
    endpoint = Http(XmlRpcEndpoint(Api(), upstream=upstream))
    return endpoint.post("/api/xmlrpc", data=xmlrpc.client.dumps(params, method))


def test_xml_rpc_hands_on_the_whole_request() -> None:
    upstream = Upstream()
    assert xml_rpc(upstream, "s", "catalog_product.list").data == b"from the shop"
    body = xmlrpc.client.dumps(("s", "catalog_product.list"), "call").encode()
    assert upstream.forwarded == [("/api/xmlrpc", body, "catalog_product.list", "XML-RPC")]


def test_xml_rpc_reports_a_shop_that_fails_as_fault_1() -> None:
    with pytest.raises(xmlrpc.client.Fault) as fault:
        xmlrpc.client.loads(xml_rpc(Upstream(broken()), "s", "catalog_product.list").data)
    assert (fault.value.faultCode, fault.value.faultString) == (1, "Internal Error. (reference 123)")


def test_each_call_of_system_multicall_goes_where_it_belongs() -> None:
    upstream = Upstream()
    calls = [{"methodName": "call", "params": ["s", path]} for path in ("a.b", "catalog_product.list", "c.d")]
    ((results,), _) = xmlrpc.client.loads(xml_rpc(upstream, calls, method="system.multicall").data)
    assert results == [[True], ["from the shop"], [True]]
    assert upstream.asked == [("XML-RPC", "call", ["s", "catalog_product.list"])]
    assert not upstream.forwarded


def test_binary_data_and_times_go_to_the_shop_as_they_came() -> None:
    upstream, file, time = (
        Upstream(),
        xmlrpc.client.Binary(b"\x89PNG\x00\xff"),
        xmlrpc.client.DateTime("20240101T10:00:00"),
    )
    calls = [{"methodName": "call", "params": ["s", "catalog_product.list", [{"file": file, "at": [time]}]]}]
    xml_rpc(upstream, calls, method="system.multicall")
    ((_, _, params),) = upstream.asked
    (sent, _) = xmlrpc.client.loads(XmlRpcMessages().request("call", params))
    assert sent[2] == [{"file": file, "at": [time]}]


def test_a_failed_call_of_system_multicall_is_a_fault_in_its_place() -> None:
    calls = [{"methodName": "call", "params": ["s", path]} for path in ("catalog_product.list", "c.d")]
    ((results,), _) = xmlrpc.client.loads(xml_rpc(Upstream(broken()), calls, method="system.multicall").data)
    assert results == [{"faultCode": 1, "faultString": "Internal Error. (reference 123)"}, [True]]


def json_rpc(upstream: Upstream, request: Any) -> Any:
    return Http(JsonRpcEndpoint(Api(), max_body=10_000, upstream=upstream)).post("/api/jsonrpc", json=request)


def request(path: str, **members: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": "call", "params": ["s", path], "id": 5} | members


@pytest.mark.parametrize(
    "asked",
    [request("catalog_product.list"), request("", method="catalog_product.list", params={"sessionId": "s", "a": 1})],
)
def test_json_rpc_hands_on_the_whole_request(asked: Any) -> None:
    upstream = Upstream()
    assert json_rpc(upstream, asked).data == b"from the shop"
    ((path, body, method, protocol),) = upstream.forwarded
    assert (path, json.loads(body), method, protocol) == ("/api/jsonrpc", asked, "catalog_product.list", "JSON-RPC")


def test_json_rpc_reports_a_shop_that_fails_as_fault_1() -> None:
    error = {"code": -32000, "message": "Internal Error. (reference 123)"}
    data = {"faultCode": "1", "faultName": "internal"}
    failed = json_rpc(Upstream(broken()), request("catalog_product.list"))
    assert failed.get_json() == {"jsonrpc": "2.0", "error": error | {"data": data}, "id": 5}
    notification = request("catalog_product.list")
    del notification["id"]
    assert json_rpc(Upstream(broken()), notification).status_code == 204


def test_each_request_of_a_batch_goes_where_it_belongs() -> None:
    upstream = Upstream([["from the shop"]])
    named = request("", method="catalog_product.list", params={"sessionId": "s"}, id=7)
    answers = json_rpc(upstream, [request("a.b", id=1), request("catalog_product.list", id="x"), named]).get_json()
    assert [(answer["id"], answer["result"]) for answer in answers] == [
        (1, True),
        ("x", ["from the shop"]),
        (7, ["from the shop"]),
    ]
    assert upstream.asked == [
        ("JSON-RPC", "multiCall", ["s", [["catalog_product.list", []]]]),
        ("JSON-RPC", "multiCall", ["s", [["catalog_product.list", {}]]]),
    ]


def test_a_failed_request_of_a_batch_is_an_error_in_its_place() -> None:
    upstream = Upstream(ApiFault(Fault("101", "not_exists", "No such product.")))
    answers = json_rpc(upstream, [request("catalog_product.list", id=1), request("a.b", id=2)]).get_json()
    data = {"faultCode": "101", "faultName": "not_exists"}
    assert answers[0]["error"] == {"code": -32000, "message": "No such product.", "data": data}
    assert answers[1]["result"] is True


def test_our_own_responses_are_offered_for_comparison() -> None:
    upstream = Upstream()
    body = envelope("<ns1:salesOrderInvoiceCancel><sessionId>s</sessionId></ns1:salesOrderInvoiceCancel>")
    sent = [
        (body, soap("v2", upstream).post("/", data=body).data, "V2"),
        (
            xmlrpc.client.dumps(("s", "a.b"), "call").encode(),
            xml_rpc(upstream, "s", "a.b").data,
            "XML-RPC",
        ),
    ]
    answer = json_rpc(upstream, request("a.b")).data
    assert [(asked, response, protocol) for asked, response, _, protocol in upstream.compared[:2]] == sent
    asked, response, _, protocol = upstream.compared[2]
    assert (json.loads(asked), response, protocol) == (request("a.b"), answer, "JSON-RPC")
    assert not upstream.forwarded


# Messages to the shop, read and written by our own endpoints.

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**31), 2**31 - 1) | st.floats(-1e9, 1e9).map(lambda x: x + 0.0) | TEXT
)
NAMES = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)


def nested(structs: bool) -> st.SearchStrategy[Any]:
    def maps(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
        return st.dictionaries(NAMES, inner, min_size=1, max_size=3)

    return st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3) | maps(inner) | (maps(inner).map(Struct) if structs else st.nothing())
        ),
        max_leaves=8,
    )


@given(nested(structs=False), nested(structs=True))
def test_v1_is_written_and_read_as_our_own_endpoint_reads_and_writes_it(args: Any, result: Any) -> None:
    api = RecordingApi(result)
    answer = SoapEndpoint(api, style="v1").answer(V1.request("call", ["s", "a.b", args]), Client())
    assert api.asked == [("call", "s", "a.b", args)]
    assert V1.result("call", answer.body) == result
    assert V1.is_response(answer.body[:1000], answer.body[-1000:])


@given(nested(structs=False), nested(structs=False))
def test_xml_rpc_is_written_and_read_as_our_own_endpoint_reads_and_writes_it(args: Any, result: Any) -> None:
    api, messages = RecordingApi(result), XmlRpcMessages()
    answer = XmlRpcEndpoint(api).answer(messages.request("call", ["s", "a.b", [args]]), Client())
    assert api.asked == [("call", "s", "a.b", [args])]
    assert messages.result("call", answer) == result
    assert messages.is_response(answer, answer)


@given(nested(structs=False), nested(structs=False))
def test_json_rpc_is_written_and_read_as_our_own_endpoint_reads_and_writes_it(args: Any, result: Any) -> None:
    api, messages = RecordingApi(result), JsonRpcMessages()
    body = messages.request("call", ["s", "a.b", args])
    answer = Http(JsonRpcEndpoint(api, max_body=100_000)).post("/", data=body).data
    assert api.asked == [("call", "s", "a.b", args)]
    assert messages.result("call", answer) == result
    assert messages.is_response(answer, answer)


@pytest.mark.parametrize(
    ("name", "result"), [("resources", APIS), ("resources", []), ("globalFaults", [{"code": "1", "message": "ü"}])]
)
def test_v2_declares_what_the_api_lists_of_itself(name: str, result: Any) -> None:
    api = RecordingApi(result)
    answer = SoapEndpoint(api).answer(V2.request(name, ["s"]), Client())
    assert api.asked[0][0] == name
    assert V2.result(name, answer.body) == result


def soap_fault(code: str, text: str) -> bytes:
    return envelope(f"<SOAP-ENV:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring></SOAP-ENV:Fault>")


FAULT = api_fault("101", "No <such> product.")


@pytest.mark.parametrize(
    ("messages", "response"),
    [
        (V1, SoapEndpoint(RecordingApi(FAULT), style="v1").answer(V1_CALL, Client()).body),
        (V2, SoapEndpoint(RecordingApi(FAULT)).answer(V2.request("resources", ["s"]), Client()).body),
        (V1, soap_fault("SOAP-ENV:101", "No &lt;such&gt; product.")),
        (XmlRpcMessages(), document(xmlrpc.client.Fault(101, "No <such> product."))),
        (JsonRpcMessages(), b'{"id":1,"error":{"code":101,"message":"No <such> product."}}'),
        (JsonRpcMessages(), b'{"error":{"code":-32000,"message":"No <such> product.","data":{"faultCode":"101"}}}'),
    ],
)
def test_faults_of_the_shop_keep_code_and_text(messages: MessageFormat, response: bytes) -> None:
    with pytest.raises(ApiFault) as fault:
        messages.result("resources", response)
    assert (fault.value.code, fault.value.message) == ("101", "No <such> product.")


@pytest.mark.parametrize(
    ("messages", "response"),
    [
        *((each, b"") for each in (V1, XmlRpcMessages(), JsonRpcMessages())),
        *((each, b"<html><body>Error</body></html>") for each in (V1, V2, XmlRpcMessages(), JsonRpcMessages())),
        (V1, envelope("")),
        (V1, soap_fault("SOAP-ENV:Server", "x")),
        (V1, b'<!DOCTYPE a [<!ENTITY b "c">]>' + envelope("<a>&b;</a>").partition(b"\n")[2]),
        (XmlRpcMessages(), b"<methodResponse/>"),
        (XmlRpcMessages(), b"<methodResponse><params/></methodResponse>"),
        (
            XmlRpcMessages(),
            b"<methodResponse><params><param><value><int>x</int></value></param></params></methodResponse>",
        ),
        (
            XmlRpcMessages(),
            b"<!DOCTYPE a><methodResponse><params><param><value>x</value></param></params></methodResponse>",
        ),
        (XmlRpcMessages(), b"<methodCall><methodName>a</methodName></methodCall>"),
        (JsonRpcMessages(), b"[]"),
        (JsonRpcMessages(), b'{"id":1}'),
        (JsonRpcMessages(), b'{"error":"x"}'),
    ],
)
def test_what_is_no_response_is_an_error(messages: MessageFormat, response: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        messages.result("resources", response)


@pytest.mark.parametrize(
    ("messages", "response", "is_one"),
    [
        (V1, b"<?xml version='1.0'?>\n<!-- c --> <e:Envelope xmlns:e='x'>...</e:Envelope>\n<!-- d -->", True),
        (V1, b"\xef\xbb\xbf<Envelope>...</Envelope>\n\n", True),
        (V1, b"<e:Envelope>...</e:Envelope", False),
        (V1, b"<e:Envelope>...</e:Body>", False),
        (V1, b"<html><Envelope></Envelope>", False),
        (V1, b"Warning: x <e:Envelope></e:Envelope>", False),
        (V1, b"<methodResponse></methodResponse>", False),
        (XmlRpcMessages(), b"<?xml version='1.0'?><methodResponse></methodResponse>", True),
        (XmlRpcMessages(), b"<?xml version='1.0'?><methodResponse></methodRespons", False),
        (JsonRpcMessages(), b' {"id": 1}\n', True),
        (JsonRpcMessages(), b"[1]", True),
        (JsonRpcMessages(), b'{"id": 1', False),
        (JsonRpcMessages(), b"", False),
        (JsonRpcMessages(is_notification=True), b"", True),
        (JsonRpcMessages(is_notification=True), b"<html>", False),
        (JsonRpcMessages(), b"<html>}", False),
    ],
)
def test_a_complete_response_begins_and_ends_as_one(messages: MessageFormat, response: bytes, is_one: bool) -> None:
    assert messages.is_response(response, response) is is_one
